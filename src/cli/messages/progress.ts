import { byLanguage } from '../language.js';

/** The messages of progress bars. */

const en = {
  downloading: 'Downloading',
  hashing: 'Hashing',
  hashingFile: (name: string) => `Hashing ${name}`,
  notarizing: 'Notarizing',
  upgrading: 'Upgrading',
  verifying: 'Verifying',
  left: (time: string) => `${time} left`,
  seconds: (n: number) => `${n} s`,
  minutes: (n: number) => `${n} min`,
  hours: (n: number) => `${n} h`,
};

const ko: typeof en = {
  downloading: '내려받기',
  hashing: '해시 계산',
  hashingFile: (name) => `해시 계산: ${name}`,
  notarizing: '등록',
  upgrading: '증명 갱신',
  verifying: '증명 확인',
  left: (time) => `${time} 남음`,
  seconds: (n) => `${n}초`,
  minutes: (n) => `${n}분`,
  hours: (n) => `${n}시간`,
};

export const progressMessages = byLanguage({ en, ko });
