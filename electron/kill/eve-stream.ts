/** One stream of EVE alert lines, cut into batches as a reader of a file would. */
export interface EveStream {
  /** Names the stream, and stands in the title of each of its alerts. */
  readonly name: string;
  readonly batches: readonly string[];
  /** By source address: how many lines name it, by batch. Each address is one alert. */
  readonly linesByAddress: ReadonlyMap<string, readonly number[]>;
}

const repeatEvery = 40;

/**
 * A stream of so many batches. Each line is an alert of its own, and every fortieth comes twice in a row as exactly
 * the same line: two occurrences, which a careless reader would take for one, or after a crash for three.
 */
export function eveStream(number: number, batchCount: number, linesPerBatch: number): EveStream {
  const name = `killmoment-${String(number).padStart(3, '0')}`;
  const batches: string[] = [];
  const linesByAddress = new Map<string, number[]>();
  for (let batch = 0; batch < batchCount; batch += 1) {
    const lines: string[] = [];
    for (let line = 0; line < linesPerBatch; line += 1) {
      const index = batch * linesPerBatch + line;
      const address = `10.${number & 255}.${(index >> 8) & 255}.${index & 255}`;
      const text = lineOf(name, number, index, address);
      const times = index % repeatEvery === 0 ? 2 : 1;
      for (let time = 0; time < times; time += 1) {
        lines.push(text);
        linesByAddress.set(address, [...(linesByAddress.get(address) ?? []), batch]);
      }
    }
    batches.push(`${lines.join('\n')}\n`);
  }
  return { name, batches, linesByAddress };
}

function lineOf(name: string, number: number, index: number, address: string): string {
  return JSON.stringify({
    timestamp: new Date(Date.UTC(2026, 0, 5) + index).toISOString().replace('Z', '000+0000'),
    flow_id: number * 1_000_000 + index,
    event_type: 'alert',
    src_ip: address,
    src_port: 40_000,
    dest_ip: '192.0.2.10',
    dest_port: 443,
    proto: 'TCP',
    alert: {
      action: 'allowed',
      gid: 1,
      signature_id: 2_100_000 + number,
      rev: 1,
      signature: name,
      category: 'Attempted Denial of Service',
      severity: 2,
    },
  });
}

/** How many occurrences each address must have when these first batches were taken, and only those. */
export function countsOf(stream: EveStream, batchesTaken: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [address, batches] of stream.linesByAddress) {
    const count = batches.filter((batch) => batch < batchesTaken).length;
    if (count > 0) counts.set(address, count);
  }
  return counts;
}
