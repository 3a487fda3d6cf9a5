import { byLanguage } from '../language.js';

/** What is wrong with the address or the settings of a bucket. */

const en = {
  notABucket: (text: string) =>
    `${text} is not the address of a bucket: write s3://BUCKET or s3://BUCKET/FOLDER`,
  needsCredentials:
    'a bucket needs the key of somebody who may use it: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
  badEndpoint: (text: string) =>
    `AWS_ENDPOINT_URL must be the address of an S3 server, such as https://s3.example.com; it is ${text}`,
};

const ko: typeof en = {
  notABucket: (text) => `${text}은(는) 버킷의 주소가 아닙니다. s3://BUCKET 또는 s3://BUCKET/FOLDER로 쓰세요`,
  needsCredentials:
    '버킷을 사용할 권한이 있는 키가 필요합니다. AWS_ACCESS_KEY_ID와 AWS_SECRET_ACCESS_KEY를 설정하세요',
  badEndpoint: (text) =>
    `AWS_ENDPOINT_URL은 https://s3.example.com 같은 S3 서버의 주소여야 합니다. 지금 값: ${text}`,
};

export const bucketMessages = byLanguage({ en, ko });
