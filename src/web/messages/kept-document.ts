import { byLanguage } from '../lib/language.js';

/** Viewing and downloading documents that the vault keeps. */

const en = {
  view: 'View document',
  download: 'Download document',
  started: 'Download started.',
  tooLarge: 'This document is too large to be shown here. Download it.',
  same: 'Checked: the fingerprint matches.',
  unshown: 'Your browser cannot show this image. Download the document instead.',
  problems: {
    document_not_kept: 'The service no longer keeps this document. Reload the page.',
    document_damaged:
      'The storage of the service has lost or damaged this document. Its proof is not affected. Tell the operator.',
    vault_unavailable: 'The storage of the service cannot be reached right now. Try again in a minute.',
    vault_key_missing:
      'The service is missing the key for this document. Tell the operator, who has to add it again.',
    no_vault: 'This service no longer keeps documents. Tell the operator if you do not expect that.',
    not_viewable: 'Only PDF files and images can be shown here. Download the document instead.',
    no_pdf_viewer: 'Your browser cannot show PDF files in a page. Download the document instead.',
    wrong_digest:
      'The service sent a document with another fingerprint. Don’t rely on it, and tell the operator of this service.',
  },
};

const ko: typeof en = {
  view: '문서 보기',
  download: '문서 받기',
  started: '내려받기를 시작했습니다.',
  tooLarge: '너무 커서 여기에서 볼 수 없는 문서입니다. 내려받아 확인하세요.',
  same: '해시값이 같음을 확인했습니다.',
  unshown: '브라우저에서 볼 수 없는 이미지입니다. 문서를 내려받아 확인하세요.',
  problems: {
    document_not_kept: '서비스가 더 이상 보관하지 않는 문서입니다. 페이지를 새로 고치세요.',
    document_damaged:
      '서비스의 저장소에서 이 문서가 손상되었거나 없어졌습니다. 증명에는 영향이 없습니다. 서비스 관리자에게 알려 주세요.',
    vault_unavailable: '서비스의 저장소에 지금 연결할 수 없습니다. 잠시 후 다시 시도하세요.',
    vault_key_missing:
      '서비스에 이 문서의 키가 없습니다. 키를 다시 추가하도록 서비스 관리자에게 알려 주세요.',
    no_vault:
      '이 서비스는 더 이상 문서를 보관하지 않습니다. 예상하지 못한 일이라면 서비스 관리자에게 알려 주세요.',
    not_viewable: 'PDF와 이미지만 여기에서 볼 수 있습니다. 문서를 내려받아 확인하세요.',
    no_pdf_viewer: '이 브라우저는 페이지 안에서 PDF를 보여 줄 수 없습니다. 문서를 내려받아 확인하세요.',
    wrong_digest:
      '서비스가 해시값이 다른 문서를 보냈습니다. 이 문서를 믿지 말고 서비스 관리자에게 알려 주세요.',
  },
};

export const keptMessages = byLanguage({ en, ko });
