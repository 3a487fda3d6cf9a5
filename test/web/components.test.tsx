// @vitest-environment happy-dom
import { signal } from '@preact/signals';
import { createRef } from 'preact';
import { describe, expect, it, vi } from 'vitest';
import { Button } from '../../src/web/components/button.js';
import { Copyable } from '../../src/web/components/copy.js';
import { DropArea, useDrops } from '../../src/web/components/drop-area.js';
import { Choice, Choices, Field, FieldState, Form, Select } from '../../src/web/components/fields.js';
import { Load } from '../../src/web/components/load.js';
import { Menu } from '../../src/web/components/menu.js';
import { Confirm, Modal } from '../../src/web/components/modal.js';
import { Progress } from '../../src/web/components/progress.js';
import { ShowMore } from '../../src/web/components/show-more.js';
import { Pager, type Sort, Table } from '../../src/web/components/table.js';
import { Time } from '../../src/web/components/time.js';
import { announcement } from '../../src/web/lib/announce.js';
import { guardFocus } from '../../src/web/lib/focus.js';
import { setLanguage } from '../../src/web/lib/language.js';
import { ProblemError, UnreachableError } from '../../src/web/lib/request.js';
import { Resource } from '../../src/web/lib/resource.js';
import { text } from '../../src/web/lib/text.js';
import { button, changes, fireEvent, press, screen, show, type } from './view.js';

const problem = (code: string, retryAfterSeconds: number | null = null) =>
  new ProblemError({ status: 400, code, detail: code, requestId: null, retryAfterSeconds });

describe('a button', () => {
  it('does nothing while it is held, and keeps the focus', async () => {
    const pressed = vi.fn();
    const held = signal(false);
    const View = () => (
      <Button held={held.value} onPress={pressed}>
        Go
      </Button>
    );
    await show(<View />);
    button('Go').focus();
    await press('Go');
    await changes(() => (held.value = true));
    await press('Go');
    expect(pressed).toHaveBeenCalledOnce();
    expect(button('Go').getAttribute('aria-disabled')).toBe('true');
    expect(document.activeElement).toBe(button('Go'));
  });
});

describe('a list that is read page by page', () => {
  interface Pages {
    readonly items: readonly string[];
    readonly next: string | null;
  }
  /** A list whose items are the cursors with which they were read. */
  function listOf(read: (next: string) => Promise<string | null>) {
    const of = new Resource<Pages>(() => Promise.resolve({ items: ['first'], next: '1' }));
    const list = createRef<HTMLUListElement>();
    const add = async ({ items }: Pages, next: string) => {
      const after = await read(next);
      return { items: [...items, next], next: after };
    };
    const view = (
      <Load of={of}>
        {({ items }) => (
          <>
            <ul ref={list}>
              {items.map((item) => (
                <li key={item} tabIndex={-1}>
                  {item}
                </li>
              ))}
            </ul>
            <ShowMore of={of} list={list} label="Show more" read={add} />
          </>
        )}
      </Load>
    );
    return { of, view };
  }
  const items = (place: HTMLElement) => [...place.querySelectorAll('li')].map((item) => item.textContent);

  it('adds one page after the other, and leads to the first item that is new', async () => {
    const { of, view } = listOf((next) => Promise.resolve(next === '1' ? '2' : null));
    const place = await show(view);
    await changes(() => of.load());
    await press('Show more');
    await vi.waitFor(() => {
      expect(document.activeElement?.textContent).toBe('1');
    });
    await press('Show more');
    await vi.waitFor(() => {
      expect(document.activeElement?.textContent).toBe('2');
    });
    expect(items(place)).toEqual(['first', '1', '2']);
    expect(screen.queryByRole('button')).toBeNull();
    await vi.waitFor(() => {
      expect(announcement.value).toBe('3 shown.');
    });
  });

  it('says why a page could not be read, and tries again', async () => {
    const read = vi.fn<() => Promise<null>>().mockRejectedValueOnce(new UnreachableError());
    const { of, view } = listOf(read.mockResolvedValue(null));
    const place = await show(view);
    await changes(() => of.load());
    await press('Show more');
    screen.getByText('The service cannot be reached.');
    await press('Show more');
    expect(items(place)).toEqual(['first', '1']);
  });

  it('does not put a page behind a list that was loaded anew while it was read', async () => {
    let answer: (next: null) => void = () => undefined;
    const { of, view } = listOf(() => new Promise((resolve) => (answer = resolve)));
    const place = await show(view);
    await changes(() => of.load());
    await press('Show more');
    await changes(() => of.load());
    await changes(() => {
      answer(null);
    });
    expect(items(place)).toEqual(['first']);
    expect(button('Show more').getAttribute('aria-disabled')).toBe('false');
  });
});

describe('a form', () => {
  const fields = () => ({
    name: new FieldState({ name: 'name' }),
    note: new FieldState({
      name: 'note',
      optional: true,
      check: (value) => (value === 'x' ? 'Not x.' : null),
    }),
  });

  it('shows what is wrong with each field, focuses the first, and sends what is right', async () => {
    const { name, note } = fields();
    const send = vi.fn();
    await show(
      <Form name="f" fields={[name, note]} submit="Save" send={send}>
        <Field of={name} label="Name" hint="Yours." />
        <Field of={note} label="Note" lines={2} />
      </Form>,
    );
    await type('Note', 'x');
    await press('Save');
    expect(send).not.toHaveBeenCalled();
    expect(document.activeElement).toBe(screen.getByLabelText('Name'));
    expect(screen.getByLabelText('Name').getAttribute('aria-invalid')).toBe('true');
    screen.getByText('This field is required.');
    screen.getByText('Not x.');
    await changes(() => {
      setLanguage('ko');
    });
    screen.getByText('필수 입력 항목입니다.');
    await changes(() => {
      setLanguage('en');
    });
    await type('Name', ' Kim ');
    expect(screen.queryByText('This field is required.')).toBeNull();
    await type('Note', 'y');
    await press('Save');
    expect(send).toHaveBeenCalledOnce();
    expect([name.value, note.value]).toEqual(['Kim', 'y']);
  });

  it('shows the problem of the service at the field that it is about, or below', async () => {
    const { name } = fields();
    const send = vi
      .fn<() => Promise<void>>()
      .mockRejectedValueOnce(problem('user_exists'))
      .mockRejectedValueOnce(new UnreachableError());
    await show(
      <Form name="f" fields={[name]} submit="Save" send={send} blame={{ user_exists: name }}>
        <Field of={name} label="Name" />
      </Form>,
    );
    await type('Name', 'Kim');
    await press('Save');
    expect(screen.getByLabelText('Name').getAttribute('aria-invalid')).toBe('true');
    await press('Save');
    expect(screen.getByRole('alert').textContent).toBe('The service cannot be reached.');
  });

  it('counts down while it is blocked, and does not send', async () => {
    vi.useFakeTimers();
    try {
      const { name } = fields();
      const send = vi.fn<() => Promise<void>>().mockRejectedValue(problem('sign_in_blocked', 30));
      await show(
        <Form name="f" fields={[name]} submit="Sign in" send={send}>
          <Field of={name} label="Name" />
        </Form>,
      );
      await type('Name', 'Kim');
      await press('Sign in');
      expect(screen.getByRole('alert').textContent).toContain('Try again in 30 seconds.');
      await changes(() => vi.advanceTimersByTime(20_000));
      expect(screen.getByRole('alert').textContent).toContain('Try again in 10 seconds.');
      await press('Sign in');
      expect(send).toHaveBeenCalledOnce();
      await changes(() => vi.advanceTimersByTime(10_500));
      expect(screen.getByRole('alert').textContent).toBe('You can try again now.');
      await press('Sign in');
      expect(send).toHaveBeenCalledTimes(2);
    } finally {
      vi.useRealTimers();
    }
  });

  it('has choices and selects that report what is chosen', async () => {
    const [on, color] = [signal(false), signal<'red' | 'blue'>('red')];
    const View = () => (
      <Choices legend="Both">
        <Choice
          type="checkbox"
          name="on"
          label="On"
          checked={on.value}
          onChange={(now) => (on.value = now)}
        />
        <Select
          name="color"
          label="Color"
          options={[
            ['red', 'Red'],
            ['blue', 'Blue'],
          ]}
          value={color.value}
          onChange={(now) => (color.value = now)}
        />
      </Choices>
    );
    await show(<View />);
    await changes(() => fireEvent.click(screen.getByLabelText('On')));
    await changes(() => fireEvent.change(screen.getByLabelText('Color'), { target: { value: 'blue' } }));
    expect([on.value, color.value]).toEqual([true, 'blue']);
  });
});

describe('a dialog', () => {
  it('asks before it discards what was typed', async () => {
    const closed = vi.fn();
    const field = new FieldState({ name: 'title' });
    await show(
      <Modal heading="Details" onClose={closed} dirty={() => field.changed}>
        {(close) => (
          <>
            <Field of={field} label="Title" />
            <Button onPress={close}>Cancel</Button>
          </>
        )}
      </Modal>,
    );
    await type('Title', 'Lease');
    await press('Cancel');
    expect(closed).not.toHaveBeenCalled();
    await press('Keep editing');
    expect(screen.queryByText('Discard what you typed?')).toBeNull();
    await changes(() => fireEvent(screen.getByRole('dialog'), new Event('cancel', { cancelable: true })));
    await press('Discard');
    expect(closed).toHaveBeenCalledOnce();
  });

  it('stays open and says why when the confirmed action fails', async () => {
    const closed = vi.fn();
    const run = vi.fn<() => Promise<void>>().mockRejectedValueOnce(problem('forbidden'));
    await show(
      <Confirm heading="Remove?" yes="Remove" run={run} onClose={closed}>
        It is gone then.
      </Confirm>,
    );
    await press('Remove');
    expect(screen.getByRole('alert').textContent).toBe('Your role does not allow this.');
    await press('Remove');
    expect(closed).toHaveBeenCalledOnce();
  });
});

describe('a value of the service', () => {
  it('is shown after loading, or the reason why not with a way to try again', async () => {
    const answers = [() => Promise.reject(new UnreachableError()), () => Promise.resolve('here')];
    const resource = new Resource(() => answers.shift()?.() ?? Promise.resolve('late'));
    await show(<Load of={resource}>{(value) => <p>{value}</p>}</Load>);
    screen.getByText('Loading…');
    await changes(() => resource.load());
    expect(screen.getByRole('alert').textContent).toBe('The service cannot be reached.');
    await press('Try again');
    screen.getByText('here');
  });

  it('is not replaced by the response to an older request', async () => {
    const release: ((value: string) => void)[] = [];
    const resource = new Resource(() => new Promise<string>((resolve) => release.push(resolve)));
    const both = [resource.load(), resource.load()];
    release[1]?.('newer');
    release[0]?.('older');
    await Promise.all(both);
    expect(resource.value).toBe('newer');
  });
});

describe('a table', () => {
  const columns = [
    { id: 'name', head: 'Name', cell: (row: string) => row, sortable: true },
    { id: 'length', head: 'Length', cell: (row: string) => row.length, numeric: true },
  ];

  it('changes the order when a heading is pressed, and says which it is', async () => {
    const sort = signal<Sort>({ column: 'length', descending: false });
    await show(<Table caption="Words" columns={columns} rows={['a']} keyOf={(row) => row} sort={sort} />);
    await press('Name');
    expect(sort.value).toEqual({ column: 'name', descending: false });
    expect(screen.getByRole('columnheader', { name: 'Name' }).getAttribute('aria-sort')).toBe('ascending');
    await press('Name');
    expect(sort.value.descending).toBe(true);
    expect(screen.queryByRole('button', { name: 'Length' })).toBeNull();
  });

  it('selects rows one by one or all of the page, and keeps those of other pages', async () => {
    const selected = signal<ReadonlySet<string>>(new Set(['other']));
    const rows = ['a', 'b'];
    await show(
      <Table
        caption="W"
        columns={columns}
        rows={rows}
        keyOf={(row) => row}
        nameOf={(row) => row}
        selected={selected}
      />,
    );
    const tick = (name: string) => changes(() => fireEvent.click(screen.getByRole('checkbox', { name })));
    await tick('Select a');
    expect([...selected.value]).toEqual(['other', 'a']);
    await tick('Select all rows on this page');
    expect([...selected.value].sort()).toEqual(['a', 'b', 'other']);
    await tick('Select all rows on this page');
    expect([...selected.value]).toEqual(['other']);
  });

  it('has pages to go through, to jump to, and of a size to choose', async () => {
    const page = signal(0);
    const onSize = vi.fn();
    await show(<Pager page={page} size={50} all={5003} sizes={[50, 100]} onSize={onSize} />);
    screen.getByText('1 to 50 of 5,003');
    await press('Next');
    screen.getByText('51 to 100 of 5,003');
    await changes(() => fireEvent.change(screen.getByLabelText('Page'), { target: { value: '999' } }));
    screen.getByText('5,001 to 5,003 of 5,003');
    expect(button('Next').getAttribute('aria-disabled')).toBe('true');
    await changes(() =>
      fireEvent.change(screen.getByLabelText('Rows per page'), { target: { value: '100' } }),
    );
    expect(onSize).toHaveBeenCalledWith(100);
  });
});

describe('an area for files', () => {
  it('gives the chosen files with their paths', async () => {
    const given = vi.fn();
    await show(<DropArea heading="Drop" icon="drop" choose={[{ label: 'Choose files' }]} onFiles={given} />);
    const input = screen.getByLabelText('Choose files', { selector: 'input' });
    const file = new File(['x'], 'a.txt');
    Object.defineProperty(file, 'webkitRelativePath', { value: 'papers/a.txt' });
    Object.defineProperty(input, 'files', { value: [file] });
    await changes(() => fireEvent.change(input));
    expect(given).toHaveBeenCalledWith([{ file, path: 'papers/a.txt' }]);
  });
});

describe('files dropped anywhere in the window', () => {
  it('are given to the page that is shown, and nothing after it is gone', async () => {
    const given = vi.fn();
    const View = () => {
      useDrops(given);
      return <Progress value={0.5} label="Half" />;
    };
    const shown = signal(true);
    const Page = () => (shown.value ? <View /> : null);
    await show(<Page />);
    expect(screen.getByLabelText('Half')).toMatchObject({ value: 0.5 });
    const file = new File(['x'], 'a.txt');
    const drop = () => {
      const event = new Event('drop', { bubbles: true, cancelable: true });
      Object.assign(event, { dataTransfer: { types: ['Files'], items: [], files: [file] } });
      document.body.dispatchEvent(event);
      return event.defaultPrevented;
    };
    await changes(() => {
      expect(drop()).toBe(true);
    });
    expect(given).toHaveBeenCalledWith([expect.objectContaining({ file })], []);
    await changes(() => (shown.value = false));
    expect(drop()).toBe(false);
    expect(given).toHaveBeenCalledOnce();
  });
});

describe('a value to copy', () => {
  it('is copied, or selected where the browser does not allow it', async () => {
    const write = vi
      .spyOn(navigator.clipboard, 'writeText')
      .mockResolvedValueOnce()
      .mockRejectedValueOnce(new Error());
    await show(<Copyable label="Key" value="abc" />);
    await press('Copy: Key');
    expect(write).toHaveBeenCalledWith('abc');
    expect(screen.getByRole('status').textContent).toBe('Copied.');
    await press('Copy: Key');
    expect(screen.getByRole('status').textContent).toContain('The text is selected.');
  });
});

describe('a menu', () => {
  it('opens its content, and closes on Escape with the focus on its button', async () => {
    await show(<Menu label="More">{() => <a href="#x">Link</a>}</Menu>);
    expect(screen.queryByRole('link')).toBeNull();
    await press('More');
    screen.getByRole('link', { name: 'Link' }).focus();
    await changes(() => fireEvent.keyDown(screen.getByRole('link'), { key: 'Escape' }));
    expect(screen.queryByRole('link')).toBeNull();
    expect(document.activeElement).toBe(button('More'));
  });
});

describe('a time', () => {
  it('has one form, with its zone, and says UTC when pointed at', async () => {
    const place = await show(<Time at={Date.UTC(2026, 10, 28, 21, 10)} />);
    const time = place.querySelector('time');
    expect(time?.dateTime).toBe('2026-11-28T21:10:00.000Z');
    expect(time?.title).toMatch(/28 Nov(ember)? 2026.*21:10:00 UTC|Nov 28, 2026, 21:10:00 UTC/);
    expect(time?.textContent).toMatch(/\d{2}:\d{2}:\d{2} \S+$/);
  });
});

describe('a message with views in it', () => {
  it('keeps the order of its language', async () => {
    const place = await show(<p>{text`Sealed in ${<a href="#b">block 2</a>}, ${'now'}`}</p>);
    expect(place.innerHTML).toBe('<p>Sealed in <a href="#b">block 2</a>, now</p>');
  });
});

describe('when the focused control is removed', () => {
  it('the one in its place gets the focus, else the nearest', async () => {
    guardFocus(document.body);
    const rows = signal(['a', 'b', 'c']);
    const View = () => (
      <>
        <ul>
          {rows.value.map((name) => (
            <li key={name}>
              <button>{name}</button>
            </li>
          ))}
        </ul>
        <a href="#end">End</a>
      </>
    );
    await show(<View />);
    button('b').focus();
    await changes(() => (rows.value = ['a', 'c']));
    expect(document.activeElement).toBe(button('c'));
    await changes(() => (rows.value = []));
    expect(document.activeElement).toBe(screen.getByRole('link', { name: 'End' }));
  });
});
