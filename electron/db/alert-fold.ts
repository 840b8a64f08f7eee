import { type SourceState, severityRank } from '../../shared/domain/alert.ts';
import { type Entity, type EntityRole, entityRoleSchema } from '../../shared/domain/entity.ts';
import { leadOrder } from '../../shared/domain/lead-entity.ts';
import type { OccurrenceInput } from '../sources/source.ts';
import { laneRank, mitigatedBit } from './enums.ts';
import { storedText } from './repository.ts';

/*
 * How occurrences become an alert. Every part of the fold is commutative, associative and blind to repetition of
 * what it is given once: maxima, minima, unions, and one voice chosen by a total order. So any order and any
 * cut of the input gives the same alert.
 */

/** Entities shown with an alert; all of them can still be searched. */
export const mostEntities = 50;
const mostTechniques = 20;
const roles: readonly EntityRole[] = entityRoleSchema.options;

/** The part of an alert that its occurrences alone decide. */
export interface AlertFold {
  lane: number;
  severity: number;
  mitigatedMask: number;
  firstSeenMs: number;
  lastSeenMs: number;
  count: number;
  voiceMs: number;
  voiceIdentity: string;
  title: string;
  why: string;
  sourceState: SourceState | null;
  customerId: string | null;
  serviceId: string | null;
  /** By value; more than are shown, until the fold is finished. */
  entities: Map<string, Entity[]>;
  /** Entities that came with this batch: still to be linked to the alert. */
  freshEntities: Entity[];
  /** Those of the occurrence before: most that follow each other have the same. */
  lastEntities: readonly Entity[];
  techniques: Set<string>;
}

/** Whom an occurrence belongs to, as ids. */
export interface Belonging {
  readonly customerId: string | null;
  readonly serviceId: string | null;
}

/** The occurred time as stored: whole, and the time of receipt where the source gave none that makes sense. */
export function storedTime(occurredMs: number, receivedMs: number): number {
  return Number.isFinite(occurredMs) && Math.abs(occurredMs) <= 8.64e15 ? Math.round(occurredMs) : receivedMs;
}

/** Entities as stored: NUL made visible, cut, without empty ones. */
export function storedEntities(entities: readonly Entity[]): Entity[] {
  const stored: Entity[] = [];
  for (const entity of entities) {
    const value = storedText(entity.value, 2048);
    if (value !== '') stored.push(value === entity.value ? entity : { ...entity, value });
  }
  return stored;
}

export function startFold(
  occurrence: OccurrenceInput,
  identity: Buffer,
  occurredMs: number,
  entities: readonly Entity[],
  belonging: Belonging,
): AlertFold {
  const fold: AlertFold = {
    lane: laneRank(occurrence.lane),
    severity: severityRank(occurrence.severity),
    mitigatedMask: mitigatedBit(occurrence.mitigated),
    firstSeenMs: occurredMs,
    lastSeenMs: occurredMs,
    count: 1,
    voiceMs: occurredMs,
    voiceIdentity: identity.toString('hex'),
    title: storedText(occurrence.title, 1000),
    why: storedText(occurrence.why, 4000),
    sourceState: occurrence.sourceState,
    customerId: belonging.customerId,
    serviceId: belonging.serviceId,
    entities: new Map(),
    freshEntities: [],
    lastEntities: [],
    techniques: new Set(occurrence.techniques),
  };
  addEntities(fold, entities);
  return fold;
}

function sameEntities(left: readonly Entity[], right: readonly Entity[]): boolean {
  return (
    left.length === right.length &&
    left.every((entity, index) => {
      const other = right[index];
      return entity.value === other?.value && entity.kind === other.kind && entity.role === other.role;
    })
  );
}

/** Adds an entity unless it is there; says whether it was not. */
export function addEntity(entities: Map<string, Entity[]>, entity: Entity): boolean {
  // By value and then by looking: no text is put together for a key.
  const same = entities.get(entity.value);
  if (same === undefined) {
    entities.set(entity.value, [entity]);
    return true;
  }
  if (same.some((one) => one.kind === entity.kind && one.role === entity.role)) return false;
  same.push(entity);
  return true;
}

function addEntities(fold: AlertFold, entities: readonly Entity[]): void {
  if (sameEntities(fold.lastEntities, entities)) return;
  fold.lastEntities = entities;
  for (const entity of entities) {
    if (addEntity(fold.entities, entity)) fold.freshEntities.push(entity);
  }
}

/** Adds one occurrence to a fold, in place: the hot path of ingest. */
export function addToFold(
  fold: AlertFold,
  occurrence: OccurrenceInput,
  identity: Buffer,
  occurredMs: number,
  entities: readonly Entity[],
  belonging: Belonging,
): void {
  // Rank 0 is actionable: one actionable occurrence makes the alert so.
  fold.lane = Math.min(fold.lane, laneRank(occurrence.lane));
  fold.severity = Math.max(fold.severity, severityRank(occurrence.severity));
  fold.mitigatedMask |= mitigatedBit(occurrence.mitigated);
  fold.firstSeenMs = Math.min(fold.firstSeenMs, occurredMs);
  fold.lastSeenMs = Math.max(fold.lastSeenMs, occurredMs);
  fold.count += 1;
  // Hex only where it counts: most occurrences come in the order in which they were seen.
  const isLast =
    occurredMs > fold.voiceMs ||
    (occurredMs === fold.voiceMs && identity.toString('hex') > fold.voiceIdentity);
  if (isLast) {
    fold.voiceMs = occurredMs;
    fold.voiceIdentity = identity.toString('hex');
    fold.title = storedText(occurrence.title, 1000);
    fold.why = storedText(occurrence.why, 4000);
    fold.sourceState = occurrence.sourceState;
    fold.customerId = belonging.customerId;
    fold.serviceId = belonging.serviceId;
  }
  addEntities(fold, entities);
  for (const technique of occurrence.techniques) fold.techniques.add(technique);
}

function compareEntities(left: Entity, right: Entity): number {
  const byRole = roles.indexOf(left.role) - roles.indexOf(right.role);
  if (byRole !== 0) return byRole;
  if (left.kind !== right.kind) return left.kind < right.kind ? -1 : 1;
  return left.value < right.value ? -1 : left.value > right.value ? 1 : 0;
}

/** One text an entity and role: the same entity twice has the same key. */
export function entityKey(entity: Entity): string {
  return `${entity.role} ${entity.kind} ${entity.value}`;
}

/** The first fifty of all in one fixed order: attackers before victims before the rest. */
function shownEntities(entities: Iterable<Entity>): Entity[] {
  return [...entities].sort(compareEntities).slice(0, mostEntities);
}

/** What a row holds of an alert's entities: those that are shown, and how it sorts by them. */
export function entityColumns(entities: Iterable<Entity>): {
  readonly entities: string;
  readonly lead: string;
} {
  const shown = shownEntities(entities);
  return { entities: JSON.stringify(shown), lead: leadOrder(shown) };
}

export function shownTechniques(techniques: Iterable<string>): string[] {
  return [...techniques]
    .map((technique) => storedText(technique, 20))
    .sort()
    .slice(0, mostTechniques);
}
