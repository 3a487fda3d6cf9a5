import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { DropArea, useDrops } from '../../components/drop-area.js';
import { Field, FieldState, Form } from '../../components/fields.js';
import { Progress } from '../../components/progress.js';
import { announce } from '../../lib/announce.js';
import { counted, firstNames, formatBytes, formatNumber, formatPercent } from '../../lib/format.js';
import { common } from '../../messages/common.js';
import { messages } from '../../messages/verify.js';
import type { Checks, Work } from './checks.js';
import { readPasted } from '../../lib/pasted.js';
import { summaryOf } from './report.js';
import { Results } from './results.js';
import { isUnusable } from './trust.js';
import { TrustLine } from './trust-line.js';

/** With more files than these, the table of results alone lists them. */
const LISTED = 4;

interface VerifyPageProps {
  readonly checks: Checks;
  /** The panel about the page itself, at its end. */
  readonly about: ComponentChildren;
}

/** The page, served or offline. */
export function VerifyPage({ checks, about }: VerifyPageProps) {
  const t = messages();
  const isEmpty = checks.given.length === 0;
  const answer = useRef<HTMLDivElement>(null);
  useDrops((files, unread) => {
    void checks.add(files, unread);
  });
  const statements = checks.cases.map(({ outcome }) => outcome.value?.statement).join();
  useEffect(() => {
    if (checks.isDone) arrived(checks, answer.current);
  }, [checks.isDone, checks.cases, statements]);
  return (
    <div class="page verify-page">
      <h1>{t.heading}</h1>
      {isEmpty ? <p class="lead">{t.lead}</p> : null}
      <DropArea
        id="given"
        icon="drop"
        heading={isEmpty ? t.drop : t.dropMore}
        compact={!isEmpty}
        {...(isEmpty ? { explained: t.dropExplained } : {})}
        choose={[{ label: t.chooseFiles }, { label: t.chooseFolder, folder: true }]}
        onFiles={(files) => void checks.add(files)}
      />
      {isEmpty ? <Paste checks={checks} /> : <GivenFiles checks={checks} />}
      <Left checks={checks} />
      <TrustLine checks={checks} />
      {checks.work === null ? null : <Working work={checks.work} checks={checks} />}
      <div class={isUnusable(checks.trust) ? 'answer is-unsettled' : 'answer'} ref={answer}>
        <Results checks={checks} />
      </div>
      {about}
    </div>
  );
}

/** Says what came out, and shows it: on a small screen it may be below the visible part. */
function arrived(checks: Checks, place: HTMLElement | null): void {
  const t = messages();
  const { cases } = checks;
  const statements = cases.flatMap(({ outcome }) => outcome.peek()?.statement ?? []);
  const [first] = statements;
  if (first === undefined) return;
  const { title, message } = t.statements[first];
  announce(cases.length === 1 ? `${title}. ${message}` : summaryOf(statements));
  const top = place?.getBoundingClientRect().top ?? 0;
  if (top > window.innerHeight * 0.6) place?.scrollIntoView();
}

function Paste({ checks }: { readonly checks: Checks }) {
  const field = useMemo(() => {
    const here = checks.context.directory === null ? null : new URL('./', document.baseURI).href;
    const read = (text: string) => readPasted(text, here);
    return {
      read,
      state: new FieldState({
        name: 'pasted',
        check: (text) => {
          const found = read(text);
          if (found === 'elsewhere') return messages().pasteElsewhere;
          return found === null ? messages().pasteWrong : null;
        },
      }),
    };
  }, []);
  const t = messages();
  return (
    <Form
      name="paste"
      fields={[field.state]}
      submit={t.pasteSubmit}
      secondary
      inLine
      send={() => {
        const found = field.read(field.state.value);
        if (found !== null && found !== 'elsewhere') checks.paste(field.state.value, found);
      }}
    >
      <Field of={field.state} label={t.paste} />
    </Form>
  );
}

function GivenFiles({ checks }: { readonly checks: Checks }) {
  const t = messages();
  const { given } = checks;
  const clear = (
    <Button
      tone="quiet"
      data-action="clear"
      onPress={() => {
        checks.clear();
      }}
    >
      {t.clear}
    </Button>
  );
  if (given.length > LISTED) {
    return (
      <p class="given-count">
        {t.givenMany(counted(given.length))} {clear}
      </p>
    );
  }
  return (
    <div class="given">
      <ul aria-label={t.given}>
        {given.map(({ key, name, file }) => (
          <li key={key} class="chosen-file">
            <bdi class="chosen-file-name">{name}</bdi>
            {file === null ? null : <span class="chosen-file-size">{formatBytes(file.file.size)}</span>}
            <Button
              tone="quiet"
              icon="cross"
              iconOnly
              onPress={() => {
                checks.remove(key);
              }}
            >
              {t.remove(name)}
            </Button>
          </li>
        ))}
      </ul>
      {clear}
    </div>
  );
}

/** What was given and is not checked. */
function Left({ checks }: { readonly checks: Checks }) {
  const t = messages();
  const { leftOut, unread } = checks;
  return (
    <div role="status">
      {unread.length === 0 ? null : (
        <p class="problem">{t.unread(counted(unread.length), firstNames(unread))}</p>
      )}
      {leftOut.length === 0 ? null : (
        <p class="hint">{t.leftOut(counted(leftOut.length), firstNames(leftOut))}</p>
      )}
    </div>
  );
}

function Working({ work: { done, all, file }, checks }: { readonly work: Work; readonly checks: Checks }) {
  const t = messages();
  if (all === 1 && file === null) {
    return <p class="working">{t.lookingUp}</p>;
  }
  const fraction = file !== null && all === 1 ? (file.size === 0 ? 1 : file.bytes / file.size) : done / all;
  const [many, of] = [formatNumber(done), formatNumber(all)];
  const label =
    file === null
      ? t.checking(many, of)
      : all === 1
        ? t.hashing(formatPercent(fraction), file.name)
        : t.reading(many, of);
  return (
    <div class="working">
      <p>{label}</p>
      <Progress value={fraction} label={label} />
      {file === null ? null : (
        <Button
          onPress={() => {
            checks.cancel();
          }}
        >
          {common().cancel}
        </Button>
      )}
    </div>
  );
}
