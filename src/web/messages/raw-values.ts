import { language, type Language } from '../lib/language.js';

/** Names of the values of a proof, as docs/proof-format.md has them in English. */
export interface RawValueMessages {
  readonly digest: string;
  readonly documentSize: string;
  readonly sizeUnknown: string;
  readonly acceptedAt: string;
  readonly salt: string;
  readonly accountTag: string;
  readonly detailsDigest: string;
  readonly leafHash: string;
  readonly index: string;
  readonly height: string;
  readonly blockHash: string;
  readonly previousHash: string;
  readonly merkleRoot: string;
  readonly firstPosition: string;
  readonly entryCount: string;
  readonly sealedAt: string;
  readonly difficulty: string;
  readonly nonce: string;
  readonly blockPath: string;
  readonly logPath: string;
  readonly checkpoint: string;
  readonly receipt: string;
  readonly details: string;
  readonly organization: string;
  readonly bytes: (count: string) => string;
  readonly milliseconds: (time: string, count: string) => string;
}

const en: RawValueMessages = {
  digest: 'Digest of the document (SHA-256)',
  documentSize: 'Length of the document',
  sizeUnknown: 'Not recorded: only the digest was notarized',
  acceptedAt: 'Time of acceptance',
  salt: 'Salt',
  accountTag: 'Organization tag',
  detailsDigest: 'Digest of the details',
  leafHash: 'Leaf hash of the entry',
  index: 'Index in the block',
  height: 'Height of the block',
  blockHash: 'Block hash',
  previousHash: 'Hash of the block before',
  merkleRoot: 'Merkle root',
  firstPosition: 'First position of the block',
  entryCount: 'Entries in the block',
  sealedAt: 'Time of sealing',
  difficulty: 'Difficulty (zero bits)',
  nonce: 'Nonce',
  blockPath: 'Path in the block',
  logPath: 'Path in the log',
  checkpoint: 'Signed checkpoint',
  receipt: 'Signed receipt',
  details: 'Details',
  organization: 'Organization',
  bytes: (count) => `${count} bytes`,
  milliseconds: (time, count) => `${time} (${count} ms)`,
};

const ko: RawValueMessages = {
  digest: '문서의 해시값(SHA-256)',
  documentSize: '문서 크기',
  sizeUnknown: '기록 없음: 해시값만 등록됨',
  acceptedAt: '접수 시각',
  salt: '솔트',
  accountTag: '계정 태그',
  detailsDigest: '부가 정보의 해시값',
  leafHash: '등록 항목의 리프 해시',
  index: '블록 안의 위치',
  height: '블록 높이',
  blockHash: '블록 해시',
  previousHash: '이전 블록의 해시',
  merkleRoot: '머클 루트',
  firstPosition: '블록의 첫 순번',
  entryCount: '블록의 등록 건수',
  sealedAt: '봉인 시각',
  difficulty: '난이도(0인 비트 수)',
  nonce: '논스',
  blockPath: '블록 안의 경로',
  logPath: '로그 안의 경로',
  checkpoint: '서명된 체크포인트',
  receipt: '서명된 접수증',
  details: '부가 정보',
  organization: '계정',
  bytes: (count) => `${count}바이트`,
  milliseconds: (time, count) => `${time} (${count}ms)`,
};

const tables: Readonly<Record<Language, RawValueMessages>> = { en, ko };

export function valueWords(): RawValueMessages {
  return tables[language()];
}
