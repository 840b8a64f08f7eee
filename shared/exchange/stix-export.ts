import { type CaseState, type Tlp, type Verdict, verdicts } from '../domain/case.ts';
import type { Json } from '../domain/entry-chain.ts';
import { networkContains, parseNetworks } from '../domain/network.ts';
import { type ExchangeContext, factsOf, type ObservableFacts } from './exchange-facts.ts';
import {
  extensionDefinition,
  extensionId,
  observableId,
  ownId,
  ownObservableType,
  type StixObject,
  stixTime,
  strictestTlp,
  tlpMarking,
  tlpMarkingId,
} from './stix-objects.ts';
import { formKey, formOf, isDomainObject, observablesOf, type StixForm } from './stix-observable.ts';
import { patternOf } from './stix-pattern.ts';

export interface StixBundle {
  readonly type: 'bundle';
  readonly id: string;
  readonly objects: readonly StixObject[];
}

/** Flows between observables of the case, and relations of blocks to what they stop, that are written at most. */
const mostFlows = 500;
const mostStopped = 2_000;

const indicatorTypes: Readonly<Partial<Record<Verdict, string>>> = {
  malicious: 'malicious-activity',
  suspicious: 'anomalous-activity',
};

/** Observables that are one object in STIX, such as a host and a domain of one name. */
interface ObservableObject {
  readonly id: string;
  readonly form: StixForm;
  readonly facts: readonly ObservableFacts[];
  readonly tlp: Tlp;
}

/**
 * A case as a STIX 2.1 bundle. The same case and context give the same bundle, byte for byte: ids follow from what an
 * object is, times from the case.
 *
 * Indicators are made only of observables that attacked (see `ObservableFacts.verdict`); a sighting says when and how
 * often. Addresses of one alert become a flow where it names exactly one address at its other end.
 */
export function stixBundle(state: CaseState, context: ExchangeContext): StixBundle {
  const { sha1 } = context;
  const createdMs = state.openedMs;
  const modifiedMs = Math.max(state.openedMs, state.changedMs);
  const caseMarking = tlpMarkingId(state.tlp);
  const creatorId = ownId('identity', '', 'Watchfloor', sha1);

  const own = (
    type: string,
    name: string,
    properties: Readonly<Record<string, Json>>,
    marking = caseMarking,
  ): StixObject => ({
    type,
    spec_version: '2.1',
    id: ownId(type, state.id, name, sha1),
    created_by_ref: creatorId,
    created: stixTime(createdMs),
    modified: stixTime(modifiedMs),
    object_marking_refs: [marking],
    ...properties,
  });
  const relation = (sourceId: string, type: string, targetId: string, marking = caseMarking): StixObject =>
    own(
      'relationship',
      `${sourceId} ${type} ${targetId}`,
      { relationship_type: type, source_ref: sourceId, target_ref: targetId },
      marking,
    );

  const incident = own('incident', 'incident', {
    name: state.title,
    description: `${state.severity}, ${state.status}, ${state.phase.replaceAll('-', ' ')}; ${state.tlp}, ${state.pap}.`,
    labels: [
      `severity:${state.severity}`,
      `status:${state.status}`,
      state.pap,
      ...(state.simulated ? ['SIMULATED'] : []),
    ],
    external_references: [
      { source_name: 'watchfloor', external_id: state.id },
      ...state.evidence.map(({ name, sha256 }) => ({
        source_name: 'watchfloor-evidence',
        description: name,
        hashes: { 'SHA-256': sha256 },
      })),
    ],
  });
  const customer =
    context.customerName === null
      ? null
      : own('identity', `customer ${state.customerId}`, {
          name: context.customerName,
          identity_class: 'organization',
        });

  const observables = observableObjects(factsOf(state, context), state.id, sha1);
  const observableRows = observables.map((each) => observableRow(each, own));
  const inData = observables.filter(({ form }) => !isDomainObject(form));
  const flows = flowsOf(context, observables);
  const firstMs = Math.min(createdMs, ...state.alerts.map((alert) => alert.firstSeenMs));
  const lastMs = Math.max(createdMs, ...state.alerts.map((alert) => alert.lastSeenMs));
  const occurrences = state.alerts.reduce((sum, alert) => sum + alert.count, 0);
  // One for each marking, so that whoever may see less leaves out what is not for them, and no more.
  const dataTlps = [...new Set(inData.map(({ tlp }) => tlp))];
  const observedData = dataTlps.map((tlp) =>
    own(
      'observed-data',
      `observed ${tlp}`,
      {
        first_observed: stixTime(firstMs),
        last_observed: stixTime(lastMs),
        number_observed: Math.min(999_999_999, Math.max(1, Math.round(occurrences))),
        object_refs: [
          ...inData.filter((each) => each.tlp === tlp).map(({ id }) => id),
          ...flows.filter((flow) => flow.tlp === tlp).map(({ row }) => row.id),
        ],
      },
      tlpMarkingId(tlp),
    ),
  );
  const dataOf = (tlp: Tlp) => observedData[dataTlps.indexOf(tlp)];

  const indicators = observables.flatMap((each) => indicatorRows(each, own, dataOf(each.tlp), customer));
  const techniques = state.techniques.map((id) => {
    const name = context.techniques.find((each) => each.id === id)?.name ?? id;
    return own('attack-pattern', id, {
      name,
      external_references: [
        {
          source_name: 'mitre-attack',
          external_id: id,
          url: `https://attack.mitre.org/techniques/${id.replace('.', '/')}`,
        },
      ],
    });
  });
  const actions = state.mitigations.map(({ id, sentence, entries, targetName, state: step }) =>
    own('course-of-action', id, {
      name: `Block ${entries.length} ${entries.length === 1 ? 'network' : 'networks'} on ${targetName}`,
      description: `${step}: ${sentence}\n${entries.join('\n')}`,
    }),
  );
  const noteTlps = noteMarkings(state);
  const notes = state.notes.map(({ id, markdown, writerName }) =>
    own(
      'note',
      id,
      { content: markdown, authors: [writerName], object_refs: [incident.id] },
      tlpMarkingId(noteTlps.get(id) ?? state.tlp),
    ),
  );
  const attackers = indicators.filter(({ type }) => type === 'indicator');
  const relations = [
    ...observedData.map(({ id }) => relation(incident.id, 'related-to', id)),
    ...observables
      .filter(({ form }) => isDomainObject(form))
      .map(({ id }) => relation(incident.id, 'related-to', id)),
    ...techniques.map(({ id }) => relation(incident.id, 'related-to', id)),
    ...(customer === null ? [] : [relation(incident.id, 'related-to', customer.id)]),
    ...actions.map(({ id }) => relation(incident.id, 'related-to', id)),
    ...stopped(state, actions, attackers).map(([from, to]) => relation(from, 'mitigates', to)),
  ];
  const creator: StixObject = {
    type: 'identity',
    spec_version: '2.1',
    id: creatorId,
    created: '2026-01-01T00:00:00.000Z',
    modified: '2026-01-01T00:00:00.000Z',
    name: 'Watchfloor',
    identity_class: 'system',
  };
  const told = [
    incident,
    ...(customer === null ? [] : [customer]),
    ...observableRows,
    ...flows.map(({ row }) => row),
    ...observedData,
    ...indicators,
    ...techniques,
    ...actions,
    ...notes,
    ...relations,
  ];
  const report = own('report', 'report', {
    name: state.title,
    report_types: ['observed-data'],
    published: stixTime(modifiedMs),
    object_refs: told.map(({ id }) => id),
  });
  const usedTlps = new Set([state.tlp, ...observables.map(({ tlp }) => tlp), ...noteTlps.values()]);
  const usesExtension = told.some(({ extensions }) => extensions !== undefined);
  return {
    type: 'bundle',
    id: ownId('bundle', state.id, 'bundle', sha1),
    objects: [
      ...[...usedTlps].map(tlpMarking),
      creator,
      ...(usesExtension ? [extensionDefinition(creatorId)] : []),
      ...told,
      report,
    ],
  };
}

/** A bundle as JSON with one object a line, so that two of them can be compared. */
export function stixText({ objects, ...head }: StixBundle): string {
  const lines = objects.map((object) => JSON.stringify(object));
  return `${JSON.stringify(head).slice(0, -1)},"objects":[\n${lines.join(',\n')}\n]}\n`;
}

/** Which indicators a block stops: those of addresses within its networks, as ids of action and indicator. */
function stopped(
  state: CaseState,
  actions: readonly StixObject[],
  attackers: readonly StixObject[],
): [actionId: string, indicatorId: string][] {
  const networks = attackers.map(({ name }) => parseNetworks([String(name)])[0]);
  const pairs: [string, string][] = [];
  for (const [index, { entries }] of state.mitigations.entries()) {
    const action = actions[index];
    if (action === undefined) continue;
    const blocked = parseNetworks(entries);
    for (const [place, network] of networks.entries()) {
      const attacker = attackers[place];
      if (network === undefined || attacker === undefined || pairs.length >= mostStopped) continue;
      if (blocked.some((outer) => networkContains(outer, network))) pairs.push([action.id, attacker.id]);
    }
  }
  return pairs;
}

/** Notes that may be shown to fewer than the case may, by the marking of their entries. */
function noteMarkings(state: CaseState): Map<string, Tlp> {
  const markings = new Map<string, Tlp>();
  for (const { payload, tlp } of state.timeline) {
    if (payload?.kind !== 'note-added' && payload?.kind !== 'note-revised') continue;
    const strictest = strictestTlp([state.tlp, markings.get(payload.noteId) ?? null, tlp]);
    if (strictest !== null && strictest !== state.tlp) markings.set(payload.noteId, strictest);
  }
  return markings;
}

type MakeOwn = (
  type: string,
  name: string,
  properties: Readonly<Record<string, Json>>,
  marking?: string,
) => StixObject;

function observableObjects(
  facts: readonly ObservableFacts[],
  caseId: string,
  sha1: ExchangeContext['sha1'],
): ObservableObject[] {
  const byKey = new Map<string, { form: StixForm; facts: ObservableFacts[] }>();
  for (const each of facts) {
    const form = formOf(each);
    const known = byKey.get(formKey(form));
    if (known === undefined) byKey.set(formKey(form), { form, facts: [each] });
    else known.facts.push(each);
  }
  return [...byKey].map(([key, { form, facts: together }]) => ({
    id: isDomainObject(form)
      ? ownId(form.type, caseId, key, sha1)
      : observableId(form.type, form.identity, sha1),
    form,
    facts: together,
    // One object has one marking: whoever may see it may see all that it stands for.
    tlp: strictestTlp(together.map(({ tlp }) => tlp)) ?? 'TLP:RED',
  }));
}

function observableRow({ id, form, facts, tlp }: ObservableObject, own: MakeOwn): StixObject {
  const entities = facts.map(({ kind, value }) => ({ kind, value }));
  const [byItself, ...others] = observablesOf(form);
  const tellsItself =
    entities.length === 1 &&
    others.length === 0 &&
    byItself?.kind === entities[0]?.kind &&
    byItself?.value === entities[0]?.value;
  const isOwn = form.type === ownObservableType;
  const extension = {
    extension_type: isOwn ? 'new-sco' : 'property-extension',
    ...(tellsItself ? {} : { entities }),
  };
  const properties = {
    ...form.identity,
    ...form.more,
    ...(tellsItself && !isOwn ? {} : { extensions: { [extensionId]: extension } }),
  };
  if (isDomainObject(form)) return { ...own(form.type, '', properties, tlpMarkingId(tlp)), id };
  return {
    type: form.type,
    spec_version: '2.1',
    id,
    object_marking_refs: [tlpMarkingId(tlp)],
    ...properties,
  };
}

/** The indicator of an attacker with its sighting, and what both rest on. */
function indicatorRows(
  { facts, tlp }: ObservableObject,
  own: MakeOwn,
  data: StixObject | undefined,
  customer: StixObject | null,
): StixObject[] {
  const marking = tlpMarkingId(tlp);
  // A host and a domain of one name have one pattern; the worse of the two speaks for both.
  const patterns = new Set<string>();
  const worstFirst = facts.toSorted((a, b) => verdicts.indexOf(a.verdict) - verdicts.indexOf(b.verdict));
  return worstFirst.flatMap((each) => {
    const type = indicatorTypes[each.verdict];
    const pattern = patternOf(each);
    if (type === undefined || pattern === null || patterns.has(pattern)) return [];
    patterns.add(pattern);
    const indicator = own(
      'indicator',
      pattern,
      {
        name: each.value,
        indicator_types: [type],
        pattern,
        pattern_type: 'stix',
        pattern_version: '2.1',
        valid_from: stixTime(each.sightings?.firstSeenMs ?? each.addedMs),
      },
      marking,
    );
    const basis =
      data === undefined
        ? []
        : [
            own(
              'relationship',
              `${indicator.id} based-on ${data.id}`,
              { relationship_type: 'based-on', source_ref: indicator.id, target_ref: data.id },
              marking,
            ),
          ];
    if (each.sightings === null) return [indicator, ...basis];
    const { firstSeenMs, lastSeenMs, count } = each.sightings;
    const sighting = own(
      'sighting',
      pattern,
      {
        sighting_of_ref: indicator.id,
        first_seen: stixTime(firstSeenMs),
        last_seen: stixTime(Math.max(firstSeenMs, lastSeenMs)),
        count: Math.max(0, Math.round(count)),
        ...(data === undefined ? {} : { observed_data_refs: [data.id] }),
        ...(customer === null ? {} : { where_sighted_refs: [customer.id] }),
      },
      marking,
    );
    return [indicator, ...basis, sighting];
  });
}

/** Flows between observables of the case: of each alert that names one address as its destination. */
function flowsOf(
  { alerts, sha1 }: ExchangeContext,
  observables: readonly ObservableObject[],
): { readonly row: StixObject; readonly tlp: Tlp }[] {
  const byAddress = new Map(
    observables.flatMap((each) =>
      each.facts.filter(({ kind }) => kind === 'ip').map(({ value }) => [value, each] as const),
    ),
  );
  const flows = new Map<string, { row: StixObject; tlp: Tlp }>();
  for (const alert of alerts) {
    const ends = (role: string, kind: string) =>
      alert.entities.filter((entity) => entity.role === role && entity.kind === kind);
    const [destination, ...others] = ends('destination', 'ip');
    const target = byAddress.get(destination?.value ?? '');
    if (target === undefined || others.length > 0) continue;
    const ports = ends('destination', 'port').map(({ value }) => Number(value));
    const port = ports.length === 1 ? ports[0] : undefined;
    for (const { value } of ends('source', 'ip')) {
      const source = byAddress.get(value);
      if (source === undefined || source.form.type !== target.form.type || flows.size >= mostFlows) continue;
      const isPort = port !== undefined && Number.isInteger(port) && port >= 0 && port <= 65_535;
      const identity = {
        src_ref: source.id,
        dst_ref: target.id,
        ...(isPort ? { dst_port: port } : {}),
        protocols: [target.form.type === 'ipv4-addr' ? 'ipv4' : 'ipv6'],
      };
      const tlp = strictestTlp([source.tlp, target.tlp]) ?? 'TLP:RED';
      const id = observableId('network-traffic', identity, sha1);
      flows.set(id, {
        row: {
          type: 'network-traffic',
          spec_version: '2.1',
          id,
          object_marking_refs: [tlpMarkingId(tlp)],
          ...identity,
        },
        tlp,
      });
    }
  }
  return [...flows.values()];
}
