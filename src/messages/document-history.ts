import type { Language } from './language.js';

/** What happened to a notarized document, by the kinds that the API names. */
export type HappenedKind =
  | 'notarized'
  | 'sealed'
  | 'cosigned'
  | 'anchored'
  | 'details_published'
  | 'details_withdrawn'
  | 'proof_downloaded'
  | 'certificate_downloaded'
  | 'document_downloaded'
  | 'register_exported'
  | 'hold_placed'
  | 'hold_lift_requested'
  | 'hold_lifted'
  | 'event_body_erased'
  | 'notarization_erased';

/** Makes a text of a template: a string, or what a page shows with links in it. */
type Template<Text> = (strings: TemplateStringsArray, ...values: readonly Text[]) => Text;

/** @returns for each kind the sentence about who did it, of `sealed` the block and of `anchored` the source */
export function happenedTexts<Text>(
  text: Template<Text>,
): Readonly<Record<Language, Readonly<Record<HappenedKind, (what: Text) => Text>>>> {
  return {
    en: {
      notarized: (who) => text`Notarized by ${who}`,
      sealed: (block) => text`Sealed in block ${block}`,
      cosigned: () => text`Cosigned by the members of the log`,
      anchored: (source) => text`Anchored: time confirmed by ${source}`,
      details_published: (who) => text`Details published by ${who}`,
      details_withdrawn: (who) => text`Details made private by ${who}`,
      proof_downloaded: (who) => text`Proof downloaded by ${who}`,
      certificate_downloaded: (who) => text`Certificate downloaded by ${who}`,
      document_downloaded: (who) => text`Kept document downloaded by ${who}`,
      register_exported: (who) => text`Exported with the whole register by ${who}`,
      hold_placed: (who) => text`Legal hold placed by ${who}`,
      hold_lift_requested: (who) => text`Lifting of the legal hold requested by ${who}`,
      hold_lifted: (who) => text`Legal hold lifted by ${who}`,
      event_body_erased: (who) => text`Content erased by ${who}`,
      notarization_erased: (who) => text`Erased by ${who}`,
    },
    ko: {
      notarized: (who) => text`등록: ${who}`,
      sealed: (block) => text`블록 ${block}번에 봉인됨`,
      cosigned: () => text`로그의 참여 기관이 공동 서명함`,
      anchored: (source) => text`앵커됨: ${source}에서 시각을 확인함`,
      details_published: (who) => text`문서 정보 공개: ${who}`,
      details_withdrawn: (who) => text`문서 정보 비공개로 전환: ${who}`,
      proof_downloaded: (who) => text`증명 파일 내려받음: ${who}`,
      certificate_downloaded: (who) => text`증명서 내려받음: ${who}`,
      document_downloaded: (who) => text`보관 문서 내려받음: ${who}`,
      register_exported: (who) => text`전체 등록 내역과 함께 내보냄: ${who}`,
      hold_placed: (who) => text`법적 보존 설정: ${who}`,
      hold_lift_requested: (who) => text`법적 보존 해제 요청: ${who}`,
      hold_lifted: (who) => text`법적 보존 해제: ${who}`,
      event_body_erased: (who) => text`내용 삭제: ${who}`,
      notarization_erased: (who) => text`삭제: ${who}`,
    },
  };
}
