import type { ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { severities } from '../../shared/domain/alert.ts';
import { mitigationStates } from '../../shared/domain/mitigation.ts';
import { createKeysStore, KeysContext } from '../state/keys.ts';
import { MitigatedBadge, MitigationStateBadge, SeverityBadge, severityShapePath } from './badges.tsx';
import { Button, IconButton } from './button.tsx';
import { FormErrors, SecretField, TextField } from './field.tsx';
import { ConfirmDialog, FormDialog, type FormDialogProps } from './form-dialog.tsx';
import { RadioField } from './radio-field.tsx';
import { SafeText } from './safe-text.tsx';
import { CallView } from './states.tsx';
import { showTime } from './time.tsx';

const html = (node: ReactNode) => renderToStaticMarkup(node);
const wordsOf = (node: ReactNode) =>
  html(node)
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

describe('text from outside', () => {
  it('is text, whatever it contains', () => {
    expect(html(<SafeText text={'<b>\u202etxt\u0000'} />)).toBe(
      '<bdi class="safe-text">&lt;b&gt;<span class="safe-escape">\\u202e</span>txt<span class="safe-escape">\\x00</span></bdi>',
    );
  });

  it('is cut when it is long, and says by how much', () => {
    const long = 'a'.repeat(1_000_000);
    expect(html(<SafeText text={long} />).length).toBeLessThan(600);
    expect(wordsOf(<SafeText text={long} limit={3} />)).toBe('aaa… Show all (999,997 more)');
    expect(wordsOf(<SafeText text={long} limit={3} plain />)).toBe('aaa…');
  });

  it('stays on one line unless told', () => {
    expect([wordsOf(<SafeText text={'a\r\nb'} />), html(<SafeText text={'a\r\nb'} multiline />)]).toEqual([
      'a b',
      '<bdi class="safe-text is-multiline">a\nb</bdi>',
    ]);
  });
});

describe('badges', () => {
  it('give every severity a shape and a word of its own', () => {
    const shapes = severities.map((severity) => severityShapePath(severity, 4));
    // Medium is filled and informational hollow; the outline is a circle in both.
    expect([
      new Set(shapes).size,
      severities.map((severity) => wordsOf(<SeverityBadge severity={severity} />)),
    ]).toEqual([4, ['Informational', 'Low', 'Medium', 'High', 'Critical']]);
  });

  it('say the state in words', () => {
    expect([
      wordsOf(<MitigatedBadge mitigated="not-known" />),
      new Set(mitigationStates.map((state) => wordsOf(<MitigationStateBadge state={state} />))).size,
    ]).toEqual(['Mitigation not known', mitigationStates.length]);
  });
});

describe('controls', () => {
  it('have names and say their keys', () => {
    expect(html(<IconButton icon="copy" label="Copy address" keys="y" />)).toContain(
      'aria-label="Copy address" aria-keyshortcuts="y" title="Copy address (y)"',
    );
    expect(html(<Button busy>Testing</Button>)).toContain('disabled="" aria-busy="true"');
  });

  it('tie label, help and error to the field', () => {
    const shown = html(
      <TextField label="Address" value="" onChange={() => undefined} help="CIDR" error="Wrong." />,
    );
    const id = /<label for="([^"]+)"/.exec(shown)?.[1];
    expect(shown).toContain(`id="${id}" aria-describedby="${id}-help ${id}-error" aria-invalid="true"`);
  });

  it('never show a secret that is set', () => {
    expect([
      wordsOf(<SecretField label="Token" isSet value={undefined} onChange={() => undefined} />),
      wordsOf(<SecretField label="Token" isSet value={null} onChange={() => undefined} />),
    ]).toEqual(['Token Set Replace Remove', 'Token Will be removed Replace Keep it']);
  });

  it('offer one of a few, and give the focus to the chosen one where it is asked for', () => {
    const shown = (autoFocus: boolean) =>
      html(
        <RadioField
          label="Which one leads?"
          value="b"
          onChange={() => undefined}
          options={[
            { value: null, label: 'The most urgent' },
            { value: 'b', label: 'Another', facts: '3 alerts' },
          ]}
          autoFocus={autoFocus}
        />,
      );
    const radios = [...shown(true).matchAll(/<input([^>]*)>.*?<\/label>/g)].map(
      ([whole, attributes = '']) => [
        whole
          .replace(/<[^>]*>/g, ' ')
          .replace(/\s+/g, ' ')
          .trim(),
        ...['checked', 'data-autofocus'].filter((each) => attributes.includes(each)),
      ],
    );
    expect([radios, shown(false).includes('data-autofocus')]).toEqual([
      [['The most urgent'], ['Another 3 alerts', 'checked', 'data-autofocus']],
      false,
    ]);
    expect(new Set([...shown(true).matchAll(/ name="([^"]*)"/g)].map(([, name]) => name)).size).toBe(1);
  });

  it('list what is wrong with a form, or nothing', () => {
    expect([wordsOf(<FormErrors errors={['One.', 'Two.']} />), html(<FormErrors errors={[]} />)]).toEqual([
      'One. Two.',
      '',
    ]);
  });
});

describe('a dialog that asks', () => {
  const buttonsOf = (props: Partial<FormDialogProps>) =>
    [
      ...html(
        <KeysContext value={createKeysStore()}>
          <FormDialog
            title="Plan"
            confirmLabel="Save plan"
            onConfirm={() => undefined}
            onClose={() => undefined}
            {...props}
          >
            <p>Fields</p>
          </FormDialog>
        </KeysContext>,
      )
        .replace(/.*<footer/, '')
        .matchAll(/<button([^>]*)>.*?button-label">([^<]*)</g),
    ].map(([, attributes = '', label]) =>
      [
        label,
        /aria-keyshortcuts="([^"]*)"/.exec(attributes)?.[1],
        ...(['disabled', 'aria-busy', 'data-autofocus', 'button-danger'] as const).filter((each) =>
          attributes.includes(each),
        ),
      ].join(' '),
    );

  it('says its keys, and what can be pressed', () => {
    expect([
      buttonsOf({}),
      buttonsOf({ ready: false, withEnter: true, danger: true, lead: <Button>Take away</Button> }),
      buttonsOf({ busy: true, closeLabel: 'Cancel', focus: 'close' }),
      buttonsOf({ confirmLabel: null }),
    ]).toEqual([
      ['Not now Escape', 'Save plan Ctrl+Enter'],
      ['Take away ', 'Not now Escape', 'Save plan Enter disabled button-danger'],
      ['Cancel Escape data-autofocus', 'Save plan Ctrl+Enter disabled aria-busy'],
      ['Close Escape'],
    ]);
  });

  it('is not confirmed before the name is typed where one is asked for', () => {
    const shown = wordsOf(
      <KeysContext value={createKeysStore()}>
        <ConfirmDialog
          title="Remove prom-eu"
          confirmLabel="Remove source"
          danger
          typed="prom-eu"
          onConfirm={() => undefined}
          onClose={() => undefined}
        >
          Its signals stay.
        </ConfirmDialog>
      </KeysContext>,
    );
    expect(shown).toBe(
      'Remove prom-eu Its signals stay. Type prom-eu to go on Not now Esc Remove source Ctrl+Enter',
    );
  });
});

describe('the state of a call', () => {
  const call = {
    ...{ data: null, error: null, loading: true, stale: false },
    ...{ progress: null, refetch: () => undefined },
  };
  const error = { code: 'storage', message: 'The disk is full.', details: null } as const;
  const view = (
    change: Partial<Omit<typeof call, 'data' | 'error'>> & { data?: string; error?: typeof error },
  ) => wordsOf(<CallView call={{ ...call, ...change }}>{(data: string) => <p>{data}</p>}</CallView>);

  it('is loading, then data; an error keeps the data that was there', () => {
    expect([view({}), view({ data: 'rows' }), view({ error }), view({ data: 'rows', error })]).toEqual([
      'Loading',
      'rows',
      'This could not be loaded The disk is full. Try again Copy details',
      'The disk is full. rows',
    ]);
  });
});

describe('time', () => {
  it('is UTC with Z, or local with its offset', () => {
    const timeMs = Date.UTC(2026, 2, 4, 2, 14, 7);
    expect([showTime(timeMs, 'utc'), showTime(timeMs, 'utc', 'clock'), showTime(Number.NaN, 'utc')]).toEqual([
      '2026-03-04T02:14:07Z',
      '02:14:07',
      'not known',
    ]);
    expect(Date.parse(showTime(timeMs, 'local'))).toBe(timeMs);
  });
});
