import type { HandoverView } from '../../shared/domain/handover.ts';
import { randomId } from '../db/ids.ts';
import type { Store, Writer } from '../db/index.ts';
import { openTestStore, startMs, type TestClock, temporaryDirectory, testWriter } from '../db/testing.ts';
import { createHandovers, type HandoverImported, type Handovers } from './handovers.ts';

/** A data directory of its own with an analyst at work in it, for tests of handovers between several. */
export interface Workstation {
  readonly store: Store;
  readonly clock: TestClock;
  readonly writer: Writer;
  readonly handovers: Handovers;
  /** Closes it and opens it anew; the objects from before are of no use any more. */
  restart(): Workstation;
  close(): void;
}

export function workstation(name: string, nowMs = startMs): Workstation {
  const directory = temporaryDirectory();
  return openAt(directory, name, { nowMs }, null);
}

function openAt(
  directory: ReturnType<typeof temporaryDirectory>,
  name: string,
  clock: TestClock,
  before: Writer | null,
): Workstation {
  const store = openTestStore(directory.path, clock);
  const handovers = createHandovers({
    store,
    hub: { emit: () => undefined },
    newId: randomId,
    nowMs: () => clock.nowMs,
    appVersion: '0.0.0-test',
    printPdf: async (html) => new TextEncoder().encode(`%PDF-${html.length}`),
    shiftEndsMs: () => null,
    sourceHealth: null,
  });
  const writer = before ?? testWriter(store, name);
  return {
    store,
    clock,
    writer,
    handovers,
    restart() {
      store.close();
      return openAt(directory, name, clock, writer);
    },
    close() {
      store.close();
      directory.remove();
    },
  };
}

/** A handover of what is there, signed. */
export async function signed({ handovers, writer }: Workstation): Promise<HandoverView> {
  const { row, draft } = await handovers.make(writer, null);
  return handovers.sign(writer, row.id, draft?.revision ?? -1);
}

/** The bytes of a handover's file. */
export function bytesOf({ handovers }: Workstation, id: string): Buffer {
  return Buffer.from(handovers.text(id).text);
}

/** Brings a file in. */
export function take({ handovers, writer }: Workstation, bytes: Uint8Array): Promise<HandoverImported> {
  return handovers.import(writer, { base64: Buffer.from(bytes).toString('base64') });
}
