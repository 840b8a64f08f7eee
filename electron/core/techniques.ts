import attack from '../../resources/attack/enterprise-attack-v18.json' with { type: 'json' };
import type { Technique } from '../../shared/domain/technique.ts';

interface Indexed {
  readonly technique: Technique;
  readonly id: string;
  readonly name: string;
  /** The sub-technique's own name, or the name. */
  readonly ownName: string;
  readonly words: readonly string[];
}

/** MITRE's line, which every place that shows the data carries. */
export const attackNotice = attack.copyright;

const maxResults = 20;

const tacticNames = new Map(attack.tactics.map((tactic) => [tactic.shortname, tactic.name]));
const plainNames = new Map(attack.techniques.map((technique) => [technique.id, technique.name]));

const index: readonly Indexed[] = attack.techniques.map(({ id, name, tactics }) => {
  const parent = id.includes('.') ? plainNames.get(id.slice(0, 5)) : undefined;
  const fullName = parent === undefined ? name : `${parent}: ${name}`;
  const tacticList = tactics.map((tactic) => tacticNames.get(tactic) ?? tactic);
  return {
    technique: { id, name: fullName, tactics: tacticList },
    id: id.toLowerCase(),
    name: fullName.toLowerCase(),
    ownName: name.toLowerCase(),
    words: wordsOf(`${fullName} ${tacticList.join(' ')}`),
  };
});

const byId = new Map(index.map((entry) => [entry.technique.id, entry.technique]));

/** What comes before an attack stands first in ATT&CK's matrix and last in its numbers. */
const before = ['TA0043', 'TA0042'];
const tacticsInOrder = [
  ...before.flatMap((id) => attack.tactics.filter((tactic) => tactic.id === id)),
  ...attack.tactics.filter(({ id }) => !before.includes(id)),
];

/** The tactics in the order of ATT&CK's matrix, each with those of the techniques that belong to it, by id. */
export function techniqueMatrix(
  ids: readonly string[],
): { id: string; name: string; techniques: Technique[] }[] {
  const techniques = [...new Set(ids)].sort().flatMap((id) => techniqueById(id) ?? []);
  return tacticsInOrder.map(({ id, name }) => ({
    id,
    name,
    techniques: techniques.filter(({ tactics }) => tactics.includes(name)),
  }));
}

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^a-z0-9.]+/)
    .filter((word) => word !== '');
}

/** The technique with an id such as `T1498.001`, or null where ATT&CK has none. */
export function techniqueById(id: string): Technique | null {
  return byId.get(id.toUpperCase()) ?? null;
}

/** Lower is nearer; null does not match. Every word asked for must begin a word of the technique, or lie in its name. */
function distance(entry: Indexed, asked: string, askedWords: readonly string[]): number | null {
  if (entry.id === asked || entry.ownName === asked) return 0;
  if (entry.id.startsWith(asked)) return 1;
  if (entry.ownName.startsWith(asked)) return 2;
  if (entry.name.startsWith(asked)) return 3;
  const beginsWords = askedWords.every((word) => entry.words.some((each) => each.startsWith(word)));
  if (beginsWords) return 4;
  return askedWords.every((word) => entry.name.includes(word)) ? 5 : null;
}

/**
 * Finds techniques by id (`t1498`), name, or beginnings of words of name and tactic in any order (`cred stuff`).
 * @returns at most 20, nearest first, then by id; an empty text gives none
 */
export function searchTechniques(text: string): Technique[] {
  const asked = text.trim().toLowerCase();
  const askedWords = wordsOf(asked);
  if (askedWords.length === 0) return [];
  return index
    .flatMap((entry) => {
      const rank = distance(entry, asked, askedWords);
      return rank === null ? [] : [{ rank, technique: entry.technique }];
    })
    .sort((a, b) => a.rank - b.rank || a.technique.id.localeCompare(b.technique.id, 'en'))
    .slice(0, maxResults)
    .map(({ technique }) => technique);
}
