import {
  type AuditEntry,
  auditHash,
  canonicalJson,
  chainStart,
  signedText,
  verdictSentence,
  verifyAudit,
} from '../../shared/domain/entry-chain.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';
import { sha256Hex } from './ids.ts';
import type { RepositoryTools } from './repository.ts';
import { isSignedBy } from './signatures.ts';
import { sql } from './sql.ts';
import type { AuditRepository, SignedAuditRow } from './store.ts';

interface AuditRecord {
  readonly sequence: number;
  readonly writer_id: string;
  readonly writer_sequence: number;
  readonly actor: string;
  readonly time_ms: number;
  readonly action: string;
  readonly sentence: string;
  readonly details: string;
  readonly previous_hash: string;
  readonly hash: string;
  readonly signature: Buffer;
  readonly public_key: string | null;
}

export function createAuditRepository({ database, nowMs }: RepositoryTools): AuditRepository {
  return {
    append(writer, { action, sentence, details }) {
      return database.transaction(() => {
        const known = database.get(sql`SELECT 1 FROM writer WHERE id = ${writer.id}`);
        if (known === undefined) {
          throw new WatchfloorError('internal', 'This writer is not known here.', writer.id);
        }
        const head = database.get<{ readonly writer_sequence: number; readonly hash: string }>(
          sql`SELECT writer_sequence, hash FROM audit WHERE writer_id = ${writer.id}
              ORDER BY writer_sequence DESC LIMIT 1`,
        );
        const header = {
          writerId: writer.id,
          writerSequence: (head?.writer_sequence ?? -1) + 1,
          actor: writer.name,
          timeMs: Math.floor(nowMs()),
          action,
          sentence,
          details: canonicalJson(details ?? null),
          previousHash: head?.hash ?? chainStart,
        };
        const hash = auditHash(header, sha256Hex);
        const signature = writer.sign(Buffer.from(signedText('audit', hash)));
        const { lastRowId: sequence } = database.run(
          sql`INSERT INTO audit (writer_id, writer_sequence, actor, time_ms, action, sentence, details,
                previous_hash, hash, signature)
              VALUES (${header.writerId}, ${header.writerSequence}, ${header.actor}, ${header.timeMs}, ${action},
                ${sentence}, ${header.details}, ${header.previousHash}, ${hash}, ${signature})`,
        );
        return { sequence, timeMs: header.timeMs, actor: header.actor, action, sentence, hash };
      });
    },
    list: (limit) =>
      database.all(
        sql`SELECT sequence, time_ms AS timeMs, actor, action, sentence, hash FROM audit
            ORDER BY sequence DESC LIMIT ${limit}`,
      ),
    aboutMitigations(ids) {
      const about = new Map<string, SignedAuditRow[]>(ids.map((id) => [id, []]));
      const records = database.all<AuditRecord & { readonly mitigation_id: string }>(
        sql`SELECT audit.*, writer.public_key, json_extract(details, '$.mitigationId') AS mitigation_id
            FROM audit JOIN writer ON writer.id = audit.writer_id
            WHERE action GLOB 'mitigation.*' ORDER BY sequence`,
      );
      for (const record of records) {
        about.get(record.mitigation_id)?.push({
          writerId: record.writer_id,
          writerSequence: record.writer_sequence,
          actor: record.actor,
          timeMs: record.time_ms,
          action: record.action,
          sentence: record.sentence,
          details: record.details,
          previousHash: record.previous_hash,
          hash: record.hash,
          signature: record.signature.toString('base64'),
          publicKey: record.public_key ?? '',
        });
      }
      return about;
    },
    verify() {
      const records = new Map<number, AuditRecord>();
      const rows: AuditEntry[] = [];
      const all = database.all<AuditRecord>(
        sql`SELECT audit.*, writer.public_key FROM audit LEFT JOIN writer ON writer.id = audit.writer_id
            ORDER BY audit.sequence`,
      );
      for (const record of all) {
        records.set(record.sequence, record);
        rows.push({
          sequence: record.sequence,
          writerId: record.writer_id,
          writerSequence: record.writer_sequence,
          actor: record.actor,
          timeMs: record.time_ms,
          action: record.action,
          sentence: record.sentence,
          details: record.details,
          previousHash: record.previous_hash,
          hash: record.hash,
        });
      }
      const verdict = verifyAudit(rows, sha256Hex, (row) => {
        const record = records.get(row.sequence);
        return (
          record !== undefined &&
          record.public_key !== null &&
          isSignedBy(record.public_key, signedText('audit', row.hash), record.signature)
        );
      });
      return { ok: verdict.problems.length === 0, sentence: verdictSentence(verdict, 'audit rows') };
    },
  };
}
