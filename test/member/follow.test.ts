import { describe, expect, test } from 'vitest';
import { blockHash, checkSignature, parseCheckpoint, parseNote, toHex } from '../../src/proof/index.js';
import { StoreError, type Store } from '../../src/store/index.js';
import { createStore } from '../support/database.js';
import { FORGER_KEY, ForgedChain, serveChain } from '../support/forger.js';
import { startMember, stateOf, type TestMember, untilCosigned, untilProblem } from '../support/member.js';
import { until } from '../support/until.js';

async function expectSame(member: TestMember, chain: ForgedChain): Promise<void> {
  const blocks = await member.store.blocksBetween(0, chain.size + 1);
  expect(blocks.map(({ hash }) => toHex(hash))).toEqual(
    chain.blocks.map(({ bytes }) => toHex(blockHash(bytes))),
  );
}

describe('a member', () => {
  test('copies a chain, follows it as it grows, and cosigns what it has verified', async () => {
    const chain = new ForgedChain().grown(5);
    await using operator = await serveChain({ chain });
    await using member = await startMember({ upstream: operator.url });
    await untilCosigned(member, 5);
    await expectSame(member, chain);
    const grown = chain.grown(2, { entries: 700 });
    operator.view = { chain: grown };
    await untilCosigned(member, 7);
    await expectSame(member, grown);
    expect(await stateOf(member)).toMatchObject({ blocks: 7, entries: 15 + 1400, problem: null });
    const note = parseNote(await (await fetch(`${member.url}/checkpoint`)).text());
    expect(parseCheckpoint(note.text)).toMatchObject({ size: 7, root: grown.root });
    expect(checkSignature(note, FORGER_KEY.key).state).toBe('good');
    expect(checkSignature(note, member.key.key).state).toBe('good');
  });

  test.each([
    ['a rejected statement', new StoreError('refused', 'wrong column')],
    ['a programming error', new TypeError('x is not a function')],
  ])('logs and counts %s, and follows again when it can', async (_, error) => {
    const chain = new ForgedChain().grown(3);
    await using operator = await serveChain({ chain });
    let isBroken = true;
    const wrapStore = (store: Store): Store => ({
      ...store,
      followedState: () => (isBroken ? Promise.reject(error) : store.followedState()),
    });
    await using member = await startMember({ upstream: operator.url, wrapStore });
    await untilProblem(member, 'unexpected');
    const lines = (start: string) => member.log.lines.filter((line) => line.startsWith(start));
    expect(lines(`following the log stalled: ${error.message}`)).toHaveLength(1);
    expect(await (await fetch(`${member.url}/metrics`)).text()).toMatch(
      /ingam_background_failures_total\{task="following the log"\} [1-9]/,
    );
    isBroken = false;
    await untilCosigned(member, 3);
    await until('the log line about the recovery', () => lines('following the log resumed').length, 1);
  });

  test('publishes the same tiles as the log that it follows', async () => {
    const chain = new ForgedChain()
      .grown(258, { entries: 1 })
      .with({ entries: 66_000 })
      .with({ entries: 513 });
    await using operator = await serveChain({ chain });
    await using member = await startMember({ upstream: operator.url });
    await untilCosigned(member, 260);
    for (const path of [
      'tile/0/000',
      'tile/0/001.p/4',
      'tile/1/000.p/1',
      'tile/entries/000',
      'tile/entries/001.p/4',
      'v1/blocks/7/tile/0/000.p/1',
      'v1/blocks/258/tile/0/000',
      'v1/blocks/258/tile/0/257.p/208',
      'v1/blocks/258/tile/1/000',
      'v1/blocks/258/tile/1/001.p/1',
      'v1/blocks/258/tile/2/000.p/1',
      'v1/blocks/259/tile/0/002.p/1',
      'v1/leaves?first=250&count=65536',
      'v1/leaves?first=66257&count=514',
    ]) {
      const [own, theirs] = await Promise.all(
        [member.url, operator.url].map(async (url) => {
          const response = await fetch(`${url}/${path}`);
          return [response.status, Buffer.from(await response.arrayBuffer()).toString('hex')];
        }),
      );
      expect([path, ...(own ?? [])]).toEqual([path, ...(theirs ?? [])]);
      expect(own?.[0]).toBe(200);
    }
  });

  test('requests checkpoints, key statements, headers and leaf hashes only', async () => {
    await using operator = await serveChain({ chain: new ForgedChain().grown(3) });
    await using member = await startMember({ upstream: operator.url });
    await untilCosigned(member, 3);
    const allowed =
      /^\/(checkpoint|v1\/log-keys|tile\/entries\/[x0-9/.p]+|v1\/leaves\?first=[0-9]+&count=[0-9]+)$/;
    expect(operator.asked.filter((path) => !allowed.test(path))).toEqual([]);
  });

  test('continues after the stored blocks when it is started again', async () => {
    const chain = new ForgedChain().grown(300, { entries: 2 });
    await using operator = await serveChain({ chain: chain.first(10) });
    await using database = await createStore();
    {
      await using member = await startMember({ upstream: operator.url, database });
      await untilCosigned(member, 10);
    }
    operator.view = { chain };
    operator.asked.length = 0;
    await using member = await startMember({ upstream: operator.url, database });
    await untilCosigned(member, 300);
    await expectSame(member, chain);
    expect(operator.asked.filter((path) => /first=/.test(path))).toEqual([
      '/v1/leaves?first=20&count=512',
      '/v1/leaves?first=532&count=68',
    ]);
  });

  test.each(['fails', 'persists'] as const)(
    'continues after a write with an unknown outcome that %s',
    async (fault) => {
      const chain = new ForgedChain().grown(600, { entries: 1 });
      await using operator = await serveChain({ chain });
      let left = 2;
      const wrapStore = (real: Store): Store => ({
        ...real,
        followBlocks: async (blocks, tiles) => {
          if (left-- > 0) {
            if (fault === 'persists') await real.followBlocks(blocks, tiles);
            throw new StoreError('outcome_unknown', 'injected by the test');
          }
          return real.followBlocks(blocks, tiles);
        },
      });
      await using member = await startMember({ upstream: operator.url, wrapStore });
      await untilCosigned(member, 600);
      await expectSame(member, chain);
    },
  );

  test('completes an interrupted checkpoint when it is started again', async () => {
    const chain = new ForgedChain().grown(600, { entries: 1 });
    await using operator = await serveChain({ chain });
    await using database = await createStore();
    let writes = 0;
    const wrapStore = (real: Store): Store => ({
      ...real,
      followBlocks: (blocks, tiles) => {
        if (++writes > 1) throw new StoreError('unavailable', 'injected by the test');
        return real.followBlocks(blocks, tiles);
      },
    });
    {
      await using member = await startMember({ upstream: operator.url, database, wrapStore });
      await until('the write that fails', () => writes > 1);
      expect((await stateOf(member)).cosigned).toBe(0);
    }
    const tip = await database.store.tip();
    expect([tip?.height, (await database.store.checkpoint())?.size]).toEqual([255, 600]);
    operator.view = { chain: chain.grown(1) };
    await using member = await startMember({ upstream: operator.url, database });
    await untilCosigned(member, 601);
  });

  test('waits while the operator does not serve blocks, and follows when it does', async () => {
    const chain = new ForgedChain().grown(3);
    await using operator = await serveChain({
      chain,
      instead: (path, res) => {
        if (path === '/checkpoint') return false;
        res.writeHead(path.includes('leaves') ? 503 : 404).end();
        return true;
      },
    });
    await using member = await startMember({ upstream: operator.url });
    await untilProblem(member, 'unavailable');
    expect((await fetch(`${member.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${member.url}/checkpoint`)).status).toBe(404);
    operator.view = { chain };
    await untilCosigned(member, 3);
    await until(
      'the member to be ready',
      () => fetch(`${member.url}/readyz`),
      (seen) => seen.status === 200,
    );
    expect(await member.evidence()).toEqual([]);
  });
});
