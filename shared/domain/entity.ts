import { z } from 'zod';

/** What kind of thing an entity is; names follow the Elastic Common Schema where it has one. */
export const entityKinds = [
  'ip',
  'cidr',
  'host',
  'domain',
  'url',
  'path',
  'user',
  'email',
  'asn',
  'country',
  'port',
  'user-agent',
  'file-hash',
  'signature',
  'vulnerability',
] as const;
export const entityKindSchema = z.enum(entityKinds);
export type EntityKind = z.infer<typeof entityKindSchema>;

/** What part the entity played: `source` attacked or asked, `destination` was asked. */
export const entityRoleSchema = z.enum(['source', 'destination', 'related']);
export type EntityRole = z.infer<typeof entityRoleSchema>;

export const entitySchema = z.object({
  kind: entityKindSchema,
  value: z.string().min(1).max(2048),
  role: entityRoleSchema,
});
/** An address, host, user, path ... that alerts and cases have in common. In a case it is an observable. */
export type Entity = z.infer<typeof entitySchema>;
