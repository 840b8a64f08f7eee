import { type Tlp, tlps } from '../domain/case.ts';
import { canonicalJson, type Json } from '../domain/entry-chain.ts';
import { nameUuid, type Sha1 } from './name-uuid.ts';

/** A STIX 2.1 object as it is written. */
export interface StixObject {
  readonly type: string;
  readonly id: string;
  readonly [property: string]: Json;
}

/** What every producer uses for the ids of cyber-observable objects, and for nothing else (STIX 2.1, 2.9). */
const observableNamespace = '00abedb4-aa42-466c-9c01-fed23315a9b7';
/** Ours, for everything else. */
const ownNamespace = '6d0b7a5e-3a0f-5c1b-9c53-0a7f2c9f6e41';

/** The id of a cyber-observable object: the same properties have the same id, whoever writes them. */
export function observableId(
  type: string,
  contributing: Readonly<Record<string, Json>>,
  sha1: Sha1,
): `${string}--${string}` {
  return `${type}--${nameUuid(observableNamespace, canonicalJson(contributing), sha1)}`;
}

/** The id of any other object: the same case and name within it have the same id. */
export function ownId(type: string, caseId: string, name: string, sha1: Sha1): `${string}--${string}` {
  return `${type}--${nameUuid(ownNamespace, canonicalJson([type, caseId, name]), sha1)}`;
}

/** RFC 3339 with milliseconds, as STIX asks of `created` and `modified`. */
export function stixTime(timeMs: number): string {
  return new Date(Number.isFinite(timeMs) && Math.abs(timeMs) < 8.64e15 ? timeMs : 0).toISOString();
}

/** The object that says what our extension holds; its id names it in every object that is extended. */
export const extensionId = 'extension-definition--6f0d2b0c-52a9-5d8e-8a55-3a1d0a7b1c90';
/** Observables for which STIX has no object of their own. */
export const ownObservableType = 'x-watchfloor-observable';

const extensionSchema = JSON.stringify({
  description:
    'entities: what this object was in the case, as kind and value, where the object alone does not tell. ' +
    `${ownObservableType}: an observable of a kind for which STIX has no object.`,
  properties: {
    entities: {
      type: 'array',
      items: { type: 'object', required: ['kind', 'value'] },
    },
  },
});

/** @param creatorId the identity that made it */
export function extensionDefinition(creatorId: string): StixObject {
  return {
    type: 'extension-definition',
    spec_version: '2.1',
    id: extensionId,
    created_by_ref: creatorId,
    created: '2026-01-01T00:00:00.000Z',
    modified: '2026-01-01T00:00:00.000Z',
    name: 'Watchfloor observables',
    description: 'Keeps the kind of an observable, and observables for which STIX has no object.',
    schema: extensionSchema,
    version: '1.0.0',
    extension_types: ['property-extension', 'new-sco'],
  };
}

/*
 * The markings of TLP 2.0 are objects that OASIS published, with ids of their own:
 * https://github.com/oasis-open/cti-stix-common-objects (extension-definition-specifications/tlp-2.0).
 */
const tlpExtensionId = 'extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d';
const tlpMarkingIds: Readonly<Record<Tlp, string>> = {
  'TLP:RED': 'marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1',
  'TLP:AMBER+STRICT': 'marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003',
  'TLP:AMBER': 'marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421',
  'TLP:GREEN': 'marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb',
  'TLP:CLEAR': 'marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487',
};
/** Those of TLP 1, which STIX 2.1 itself defines (7.2.1.4), by what they mean in TLP 2.0. */
const tlp1Markings: Readonly<Record<string, Tlp>> = {
  'marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed': 'TLP:RED',
  'marking-definition--f88d31f6-486f-44da-b317-01333bde0b82': 'TLP:AMBER',
  'marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da': 'TLP:GREEN',
  'marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9': 'TLP:CLEAR',
};
const tlpByMarking: ReadonlyMap<string, Tlp> = new Map([
  ...Object.entries(tlp1Markings),
  ...tlps.map((tlp) => [tlpMarkingIds[tlp], tlp] as const),
]);

export function tlpMarkingId(tlp: Tlp): string {
  return tlpMarkingIds[tlp];
}

/** The marking object itself, as published. */
export function tlpMarking(tlp: Tlp): StixObject {
  return {
    type: 'marking-definition',
    spec_version: '2.1',
    id: tlpMarkingIds[tlp],
    created: '2022-10-01T00:00:00.000Z',
    name: tlp,
    extensions: {
      [tlpExtensionId]: {
        extension_type: 'property-extension',
        tlp_2_0: tlp.slice('TLP:'.length).toLowerCase(),
      },
    },
  };
}

/** The strictest of several; null of none. */
export function strictestTlp(all: readonly (Tlp | null)[]): Tlp | null {
  return tlps.find((tlp) => all.includes(tlp)) ?? null;
}

/** The strictest TLP among an object's markings; null where it has none. */
export function tlpOfMarkings(markingIds: readonly string[]): Tlp | null {
  return strictestTlp(markingIds.map((id) => tlpByMarking.get(id) ?? null));
}
