import type { Text } from './text.js';

/** For what the stock tools of Debian cannot check. */
export const VERIFIER_ONLY: Text = {
  en: 'Debian has no stock tool for this (ML-DSA needs OpenSSL 3.5, BLS signatures have none): open verify.html in a browser, without a network, and give it the document, the proof and policy.txt; or use the program Ingam (ingam verify).',
  ko: '데비안의 기본 도구로는 확인할 수 없습니다(ML-DSA는 OpenSSL 3.5가 필요하고, BLS 서명을 확인하는 기본 도구는 없습니다). verify.html을 네트워크 없이 브라우저에서 열고 문서와 증명, policy.txt를 넣어 확인하거나 Ingam 프로그램(ingam verify)으로 확인하세요.',
};
