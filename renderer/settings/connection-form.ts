import type { Connection, Descriptor, Field, Settings } from '../../shared/domain/connection.ts';

export type FormValues = Readonly<Record<string, string | number | boolean | null>>;
/** A text sets a secret, null removes it, a missing key leaves it as it is. */
export type FormSecrets = Readonly<Record<string, string | null>>;

/** What the form begins with: the stored settings, and defaults for what they do not name. */
export function initialValues(descriptor: Descriptor, connection: Connection | null): FormValues {
  return Object.fromEntries(
    descriptor.fields
      .filter((field) => field.type !== 'secret')
      .map((field) => [field.key, connection?.settings[field.key] ?? field.default]),
  );
}

/** Whether a field is drawn, given what stands in the others. */
export function isShown(field: Field, values: FormValues): boolean {
  if (field.showWhen === undefined) return true;
  return field.showWhen.in.includes(String(values[field.showWhen.key] ?? ''));
}

export interface FieldGroup {
  /** null is the group without a heading, which comes first. */
  readonly name: string | null;
  readonly fields: readonly Field[];
}

/** A group of nothing but what most leave empty, e.g. a proxy, stands after what everybody fills in. */
function groupRank(group: FieldGroup): number {
  if (group.name === null) return 0;
  return group.fields.some((field) => field.required || !isEmpty(field.default)) ? 1 : 2;
}

/** The fields that are drawn, by group: first the one without a name, last what is all optional. */
export function shownGroups(descriptor: Descriptor, values: FormValues): readonly FieldGroup[] {
  const groups = new Map<string | null, Field[]>();
  for (const field of descriptor.fields) {
    if (!isShown(field, values)) continue;
    const name = field.group ?? null;
    groups.set(name, [...(groups.get(name) ?? []), field]);
  }
  return [...groups]
    .map(([name, fields]) => ({ name, fields }))
    .toSorted((left, right) => groupRank(left) - groupRank(right));
}

function isEmpty(value: FormValues[string] | undefined): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}

/** What is wrong with the form, by field key; the core judges again when it is saved. */
export function formProblems(
  descriptor: Descriptor,
  values: FormValues,
  secrets: FormSecrets,
  secretsSet: readonly string[],
): Readonly<Record<string, string>> {
  const problems: Record<string, string> = {};
  for (const field of descriptor.fields) {
    if (!isShown(field, values)) continue;
    const value = values[field.key];
    if (field.type === 'secret') {
      const given = secrets[field.key];
      const has = given === undefined ? secretsSet.includes(field.key) : given !== null && given !== '';
      if (field.required && !has) problems[field.key] = `${field.label} is needed.`;
      continue;
    }
    if (isEmpty(value)) {
      if (field.required && field.type !== 'boolean') problems[field.key] = `${field.label} is needed.`;
      continue;
    }
    if (field.type === 'number') {
      const number = typeof value === 'number' ? value : Number(value);
      if (!Number.isFinite(number)) problems[field.key] = `${field.label} is not a number.`;
      else if (field.min !== undefined && number < field.min) {
        problems[field.key] = `${field.label} is ${field.min} at least.`;
      } else if (field.max !== undefined && number > field.max) {
        problems[field.key] = `${field.label} is ${field.max} at most.`;
      }
    }
    if (field.type === 'url' && !isUrl(String(value))) {
      problems[field.key] = `${field.label} is an address like https://host:9090.`;
    }
    if (field.type === 'json' && !isJson(String(value))) {
      problems[field.key] = `${field.label} is not valid JSON.`;
    }
  }
  return problems;
}

function isUrl(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\/[^\s/]+/i.test(text.trim());
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The settings to send: what is drawn and filled; what is hidden or empty is left out. */
export function settingsOf(descriptor: Descriptor, values: FormValues): Settings {
  const settings: Record<string, string | number | boolean | null> = {};
  for (const field of descriptor.fields) {
    const value = values[field.key];
    if (field.type === 'secret' || value === undefined || !isShown(field, values)) continue;
    if (isEmpty(value)) continue;
    settings[field.key] =
      typeof value === 'string' && field.type !== 'lines' && field.type !== 'mapping' ? value.trim() : value;
  }
  return settings;
}

/** Ready-made configuration lines with the form's values in place of `{{key}}`; what is not filled stays visible. */
export function fillSetup(text: string, values: FormValues): string {
  return text.replace(/\{\{\s*([\w-]+)\s*\}\}/g, (whole, key: string) => {
    const value = values[key];
    return isEmpty(value) ? whole : String(value);
  });
}
