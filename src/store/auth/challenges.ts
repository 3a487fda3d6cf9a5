import { bytes, type PrismaAccess, type Transaction } from '../prisma-client.js';
import type { SpentChallenge } from './model.js';

/** Challenges that were answered. */
export interface ChallengeStore {
  /** false: it was answered before. */
  spendChallenge(challenge: SpentChallenge): Promise<boolean>;
  /** Deletes what is known of challenges that have expired. Returns how many. */
  expireChallenges(now: number): Promise<number>;
}

export function challengeRows(prisma: PrismaAccess): ChallengeStore {
  return {
    spendChallenge: (challenge) => prisma.transaction('answering a challenge', (tx) => spend(tx, challenge)),

    expireChallenges: (now) =>
      prisma.transaction('removing old challenges', async (tx) => {
        return (await tx.spentChallenge.deleteMany({ where: { expiresAt: { lte: now } } })).count;
      }),
  };
}

/** Inside a transaction that does what the answer is for. false: it was answered before. */
export async function spend(tx: Transaction, { hash, expiresAt }: SpentChallenge): Promise<boolean> {
  const data = [{ hash: bytes(hash), expiresAt }];
  return (await tx.spentChallenge.createMany({ data, skipDuplicates: true })).count === 1;
}
