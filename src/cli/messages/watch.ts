import { byLanguage } from '../language.js';

/** The messages of `ingam watch`, beside those of `ingam notarize`. Numbers are formatted. */

const en = {
  notAFolder: (path: string) => `${path} is not a folder`,
  nameFolder: 'Name a folder, or a bucket as s3://BUCKET/FOLDER. For single files: ingam notarize FILE…',
  needsProofs: '--proofs DIR is required with a bucket',
  bucketIsRead: 'Nothing is written to the bucket: name a folder on this machine for the proofs.',
  bucketFailed: (detail: string) => `the bucket cannot be read: ${detail}`,
  objectRefused: (object: string, code: string) => `${object}: the S3 server does not give it (${code})`,
  strangeKey: (object: string) => `${object}: its key has a part "." or "..", which cannot be asked for`,
  nested: (first: string, second: string) => `${first} and ${second} overlap`,
  nameOuter: 'Name only the outer one.',
  sameName: (first: string, second: string) =>
    `the proofs of ${first} and ${second} would be in the same folder`,
  otherProofs: 'Watch one of them with another --proofs folder.',
  badState: (file: string) => `${file} is damaged`,
  removeState:
    'Remove it and start again: all documents are then hashed again, and those with a proof are not notarized again.',
  watching: (source: string, seconds: string) => `Watching ${source}, every ${seconds} s. Stop with Ctrl+C.`,
  outage: (detail: string) => `${detail}. Trying again until it works; nothing is lost.`,
  recovered: (source: string) => `It works again. Watching ${source}.`,
  stillChanging: (file: string) => `${file} is still changing; it was left out`,
  waiting: (n: string) =>
    `${n} document${n === '1' ? '' : 's'} accepted, not yet sealed. The next run fetches the final proofs.`,
  failures: (n: string) => `${n} document${n === '1' ? '' : 's'} failed.`,
};

const ko: typeof en = {
  notAFolder: (path) => `${path}은(는) 폴더가 아닙니다`,
  nameFolder:
    '폴더를 지정하거나, 버킷을 s3://BUCKET/FOLDER로 지정하세요. 파일 하나하나는 ingam notarize FILE…',
  needsProofs: '버킷에는 --proofs DIR이 필요합니다',
  bucketIsRead: '버킷에는 아무것도 쓰지 않습니다. 증명 파일을 둘 이 컴퓨터의 폴더를 지정하세요.',
  bucketFailed: (detail) => `버킷을 읽을 수 없습니다(${detail})`,
  objectRefused: (object, code) => `${object}: S3 서버에서 주지 않습니다(${code})`,
  strangeKey: (object) => `${object}: 키에 "."이나 ".." 부분이 있어 요청할 수 없습니다`,
  nested: (first, second) => `${first}와(과) ${second}이(가) 겹칩니다`,
  nameOuter: '바깥쪽 것만 지정하세요.',
  sameName: (first, second) => `${first}와(과) ${second}의 증명 파일이 같은 폴더에 놓이게 됩니다`,
  otherProofs: '둘 중 하나는 다른 --proofs 폴더로 따로 감시하세요.',
  badState: (file) => `${file} 파일이 손상되었습니다`,
  removeState:
    '지우고 다시 시작하세요. 모든 문서의 해시값을 다시 계산하며, 증명 파일이 있는 문서는 다시 등록하지 않습니다.',
  watching: (source, seconds) => `${source}을(를) ${seconds}초마다 감시합니다. 그만하려면 Ctrl+C를 누르세요.`,
  outage: (detail) => `${detail}. 될 때까지 다시 시도하며, 잃는 것은 없습니다.`,
  recovered: (source) => `다시 됩니다. ${source}을(를) 감시합니다.`,
  stillChanging: (file) => `${file}: 아직 바뀌고 있어 제외했습니다`,
  waiting: (n) => `문서 ${n}건이 접수되었고 아직 봉인되지 않았습니다. 다음 실행에서 최종 증명을 받습니다.`,
  failures: (n) => `문서 ${n}건이 실패했습니다.`,
};

export const watchMessages = byLanguage({ en, ko });
