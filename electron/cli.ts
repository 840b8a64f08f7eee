/**
 * `watchfloor`: the command line. The same core as the app, no screen. Results go to standard output, everything
 * else to standard error; exit code 0, 1 (failed) or 2 (wrong use).
 */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Tlp, tlpSchema, tlps } from '../shared/domain/case.ts';
import { toErrorData, WatchfloorError } from '../shared/domain/result.ts';
import {
  type CaseExportFormat,
  caseExportFormatSchema,
  caseExportFormats,
} from '../shared/exchange/case-export-format.ts';
import { assertRuntime } from './core/runtime.ts';
import { defaultDataFolder } from './data-folder.ts';

/** Wrong use: exit code 2 with the usage on standard error. */
class UsageError extends Error {}

type Options = Readonly<Record<string, { readonly type: 'string' | 'boolean'; readonly multiple?: boolean }>>;
type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

interface Command {
  readonly summary: string;
  readonly usage: string;
  readonly options: Options;
  run(values: Values, positionals: readonly string[]): Promise<number>;
}

function text(values: Values, name: string): string | null {
  const value = values[name];
  return typeof value === 'string' ? value : null;
}

function wholeNumber(values: Values, name: string, least: number, most: number): number | null {
  const given = text(values, name);
  if (given === null) return null;
  const number = Number(given);
  if (!/^\d+$/.test(given) || number < least || number > most) {
    throw new UsageError(`--${name} takes a whole number from ${least} to ${most}, not ${given}.`);
  }
  return number;
}

/** A marking of the Traffic Light Protocol, with or without its `TLP:`, in any case. */
function marking(values: Values, name: string): Tlp | null {
  const given = text(values, name);
  if (given === null) return null;
  const upper = given.toUpperCase();
  const parsed = tlpSchema.safeParse(upper.startsWith('TLP:') ? upper : `TLP:${upper}`);
  if (!parsed.success) throw new UsageError(`--${name} is one of ${tlps.join(', ')}, not ${given}.`);
  return parsed.data;
}

/** The format of others in which a case is exported; null for a case file. */
function exportFormat(values: Values): CaseExportFormat | null {
  const given = text(values, 'format');
  if (given === null || given === 'wfcase') return null;
  const parsed = caseExportFormatSchema.safeParse(given);
  if (!parsed.success) {
    throw new UsageError(`--format is wfcase, ${caseExportFormats.join(', ')}, not ${given}.`);
  }
  return parsed.data;
}

/** The data directory: as given, from the environment, or the platform's usual place. */
function dataDirectory(values: Values): string {
  return resolve(
    text(values, 'data-dir') ??
      defaultDataFolder({ platform: process.platform, homeFolder: homedir(), environment: process.env }),
  );
}

const dataDir = { type: 'string' } as const;
const json = { type: 'boolean' } as const;
const help = { type: 'boolean' } as const;
const dataDirHelp =
  '  --data-dir D   the data directory (default: WATCHFLOOR_DATA_DIR, or your account’s own)';

const commands: Readonly<Record<string, Command>> = {
  serve: {
    summary: 'run Watchfloor for a browser on this machine',
    usage: `watchfloor serve [--data-dir D] [--port P] [--workspace live|range]

Prints one line, "ready URL", when it can be used. The address holds the token that lets a browser in.
${dataDirHelp}
  --port P       the port on 127.0.0.1 (default: any free one)
  --workspace W  open the live workspace or the range (default: the one open last; the range at first)`,
    options: { 'data-dir': dataDir, port: { type: 'string' }, workspace: { type: 'string' } },
    async run(values) {
      const workspace = text(values, 'workspace');
      if (workspace !== null && workspace !== 'live' && workspace !== 'range') {
        throw new UsageError(`--workspace is live or range, not ${workspace}.`);
      }
      const { runHost } = await import('./cli/serve.ts');
      return runHost({
        dataDirectory: dataDirectory(values),
        port: wholeNumber(values, 'port', 0, 65_535) ?? 0,
        workspace,
      });
    },
  },
  ingest: {
    summary: 'read files of records into the database',
    usage: `watchfloor ingest --source suricata-eve [--data-dir D] [--json] FILE...
watchfloor ingest --replay-rejected [--data-dir D] [--json]

Reads EVE JSON files. Records that are there already add nothing; those that are not understood are kept aside. Where the
app is running, it goes through it.
${dataDirHelp}
  --source S     what the files hold: suricata-eve
  --replay-rejected
                 read what was kept aside anew, of every source; what still fails stays
  --json         print one object`,
    options: {
      'data-dir': dataDir,
      source: { type: 'string' },
      'replay-rejected': { type: 'boolean' },
      json,
    },
    async run(values, files) {
      if (values['replay-rejected'] === true) {
        if (files.length > 0) throw new UsageError('--replay-rejected takes no files.');
        const { replayRejected } = await import('./cli/ingest.ts');
        return replayRejected({ dataDirectory: dataDirectory(values), json: values.json === true });
      }
      const source = text(values, 'source');
      if (source !== 'suricata-eve') {
        throw new UsageError(
          source === null
            ? 'Say what the files hold: --source suricata-eve.'
            : `There is no --source ${source}; it takes suricata-eve.`,
        );
      }
      if (files.length === 0) throw new UsageError('Name at least one file.');
      const { ingestFiles } = await import('./cli/ingest.ts');
      return ingestFiles({
        dataDirectory: dataDirectory(values),
        files: files.map((file) => resolve(file)),
        json: values.json === true,
      });
    },
  },
  alerts: {
    summary: 'list alerts, also beside a running app',
    usage: `watchfloor alerts [--data-dir D] [--query Q] [--limit N] [--range] [--json [--received]]

Lists alerts in the order they were received. With --json one object a line, which the same records make the same
whatever their order and however often they were read.
${dataDirHelp}
  --query Q      the queue's query language, e.g. 'severity:high status:new'
  --limit N      at most N rows
  --range        those of the range
  --json         JSON Lines
  --received     with when each was received and its row number, which differ from one database to the next`,
    options: {
      'data-dir': dataDir,
      query: { type: 'string' },
      limit: { type: 'string' },
      range: { type: 'boolean' },
      json,
      received: { type: 'boolean' },
    },
    async run(values) {
      const { listAlerts } = await import('./cli/alerts.ts');
      return listAlerts({
        dataDirectory: values.range === true ? join(dataDirectory(values), 'range') : dataDirectory(values),
        query: text(values, 'query'),
        limit: wholeNumber(values, 'limit', 1, 10_000_000),
        json: values.json === true,
        received: values.received === true,
      });
    },
  },
  detect: {
    summary: 'run detection over series in CSV files',
    usage: `watchfloor detect FILE.csv [--out FILE]
watchfloor detect --dir IN --out OUT

Each file has a header with a time and a value column ("timestamp,value", "TimeStamp,Value,Label"); times are RFC 3339,
"YYYY-MM-DD HH:MM:SS" in UTC, or epoch. Prints one row for each of its rows: the expected band, the score of each lane
(-log10 of how improbable it is), and 1 where a lane notifies. No option changes the detector.
  --out F        write to this file (with --dir: this folder, with the same tree) instead of standard output
  --dir D        every CSV file of a folder`,
    options: { out: { type: 'string' }, dir: { type: 'string' } },
    async run(values, files) {
      const out = text(values, 'out');
      const dir = text(values, 'dir');
      const { detectFile, detectFolder } = await import('./cli/detect.ts');
      if (dir !== null) {
        if (files.length > 0) throw new UsageError('Name either files or --dir.');
        if (out === null) throw new UsageError('--dir needs --out, the folder for the results.');
        return detectFolder(resolve(dir), resolve(out));
      }
      const [file] = files;
      if (file === undefined || files.length > 1)
        throw new UsageError('Name one file, or a folder with --dir.');
      return detectFile(resolve(file), out === null ? null : resolve(out));
    },
  },
  case: {
    summary: 'open, show, export, import, verify, compare, merge and settle cases',
    usage: `watchfloor case list [--json]
watchfloor case show ID [--digest] [--json]
watchfloor case new --title T [--json]
watchfloor case add-note ID --text T [--tlp TLP]
watchfloor case add-evidence ID FILE
watchfloor case export ID --to FILE [--recipient R...|--passphrase-file F] [--audience TLP]
watchfloor case export ID --to FILE|- --format FORMAT
watchfloor case import FILE [--passphrase-file F|--identity F]
watchfloor case verify FILE [--passphrase-file F|--identity F] [--json]
watchfloor case diff A B
watchfloor case merge|unmerge ID OTHER --reason R
watchfloor case settle ID --field F --entry E

A case file (.wfcase) holds a case whole: its signed entries, alerts, mitigations and evidence. Reading works beside a
running app; writing goes through it. verify and diff exit with 1 where there is a problem or a difference. merge makes
the other case's entries count in ID, unmerge takes that back. settle ends a conflict that show lists.
${dataDirHelp}
  --range        cases of the range
  --digest       one hash of what is seen of the case, and one of its entries
  --tlp TLP      whom the note may be shown to, e.g. TLP:GREEN (default: as the case)
  --recipient R  encrypt for an age recipient (age1...), once for each
  --passphrase-file F   the passphrase is the first line of F
  --identity F   age identities (AGE-SECRET-KEY-1...), a line each
  --audience TLP leave out what these people may not see, and say what kind of thing it was
  --format F     ${caseExportFormats.join(', ')};
                 to standard output with --to -
  --reason R     why, kept in both cases
  --field F      the field of the conflict, e.g. severity
  --entry E      the entry whose value holds
  --json         print one object (list: one a line)`,
    options: {
      'data-dir': dataDir,
      range: { type: 'boolean' },
      digest: { type: 'boolean' },
      title: { type: 'string' },
      text: { type: 'string' },
      tlp: { type: 'string' },
      to: { type: 'string' },
      recipient: { type: 'string', multiple: true },
      'passphrase-file': { type: 'string' },
      identity: { type: 'string' },
      audience: { type: 'string' },
      format: { type: 'string' },
      reason: { type: 'string' },
      field: { type: 'string' },
      entry: { type: 'string' },
      json,
    },
    async run(values, [action, ...words]) {
      const commands = await import('./cli/case.ts');
      const command = {
        dataDirectory: dataDirectory(values),
        workspace: values.range === true ? 'range' : 'live',
        json: values.json === true,
      } as const;
      const files = {
        passphraseFile: text(values, 'passphrase-file'),
        identityFile: text(values, 'identity'),
      };
      const word = (place: number, what: string): string => {
        const given = words[place];
        if (given === undefined) throw new UsageError(`Name ${what}.`);
        return given;
      };
      const option = (name: string): string => {
        const given = text(values, name);
        if (given === null || given === '') throw new UsageError(`${action} needs --${name}.`);
        return given;
      };
      switch (action) {
        case 'list':
          return commands.listCases(command);
        case 'show':
          return commands.showCase(command, word(0, 'a case'), values.digest === true);
        case 'new':
          return commands.newCase(command, option('title'));
        case 'add-note':
          return commands.addNote(command, word(0, 'a case'), option('text'), marking(values, 'tlp'));
        case 'add-evidence':
          return commands.addEvidence(command, word(0, 'a case'), resolve(word(1, 'a file')));
        case 'export': {
          const recipients = Array.isArray(values.recipient) ? values.recipient.map(String) : [];
          if (recipients.length > 0 && files.passphraseFile !== null) {
            throw new UsageError('Give either --recipient or --passphrase-file.');
          }
          const format = exportFormat(values);
          if (format !== null) {
            if (recipients.length > 0 || files.passphraseFile !== null || text(values, 'audience') !== null) {
              throw new UsageError('Only case files are encrypted or made for an audience.');
            }
            const to = option('to');
            const { exportCaseAs } = await import('./cli/case-changes.ts');
            return exportCaseAs(command, {
              id: word(0, 'a case'),
              to: to === '-' ? to : resolve(to),
              format,
            });
          }
          return commands.exportCase(command, {
            id: word(0, 'a case'),
            to: resolve(option('to')),
            recipients,
            passphraseFile: files.passphraseFile,
            audience: marking(values, 'audience'),
          });
        }
        case 'import':
          return commands.importCase(command, resolve(word(0, 'a file')), files);
        case 'verify':
          return commands.verifyCase(resolve(word(0, 'a file')), files, command.json);
        case 'diff':
          return commands.diffCases(
            command,
            { left: word(0, 'two cases or files'), right: word(1, 'two cases or files') },
            files,
          );
        case 'merge':
        case 'unmerge': {
          const { mergeCases } = await import('./cli/case-changes.ts');
          return mergeCases(command, {
            action,
            caseId: word(0, 'two cases'),
            otherCaseId: word(1, 'two cases'),
            reason: option('reason'),
          });
        }
        case 'settle': {
          const { settleConflict } = await import('./cli/case-changes.ts');
          return settleConflict(command, {
            id: word(0, 'a case'),
            field: option('field'),
            entryId: option('entry'),
          });
        }
        default:
          throw new UsageError(action === undefined ? 'Say what to do.' : `There is no case ${action}.`);
      }
    },
  },
  review: {
    summary: 'look at a case file, read only, in a browser',
    usage: `watchfloor review FILE [--passphrase-file F|--identity F] [--port P] [--data-dir D]

Verifies a case file (.wfcase) and shows it without importing it: the case, and a replay of what was known at each second.
Prints one line, "ready URL", when it can be looked at. No source is asked, nothing is written beside the file, and what
is unpacked goes when this ends. Needs no Watchfloor data; where there is some, it says whose keys are known.
${dataDirHelp}
  --passphrase-file F   the passphrase is the first line of F
  --identity F   age identities (AGE-SECRET-KEY-1...), a line each
  --port P       the port on 127.0.0.1 (default: any free one)`,
    options: {
      'data-dir': dataDir,
      port: { type: 'string' },
      'passphrase-file': { type: 'string' },
      identity: { type: 'string' },
    },
    async run(values, files) {
      const [file] = files;
      if (file === undefined || files.length > 1) throw new UsageError('Name one case file.');
      const { runReview } = await import('./cli/review.ts');
      return runReview({
        dataDirectory: dataDirectory(values),
        port: wholeNumber(values, 'port', 0, 65_535) ?? 0,
        path: resolve(file),
        secretFiles: {
          passphraseFile: text(values, 'passphrase-file'),
          identityFile: text(values, 'identity'),
        },
      });
    },
  },
  handover: {
    summary: 'make, show, sign, export, import, verify and countersign shift handovers',
    usage: `watchfloor handover list [--json]
watchfloor handover show [ID] [--json]
watchfloor handover make [--notes T] [--next-hours N] [--sign] [--json]
watchfloor handover sign ID
watchfloor handover export ID --to FILE
watchfloor handover import FILE [--json]
watchfloor handover verify FILE [--json]
watchfloor handover countersign ID [--tick-all] [--remark T] [--json]

make makes the draft, or reads the facts of the one that is there anew and keeps what was said in it. A handover's file
(.wfhandover) holds it with all signatures; verify needs no data directory and exits with 1 where there is a problem.
Reading works beside a running app; writing goes through it. The command line signs as itself.
${dataDirHelp}
  --range        handovers of the range
  --notes T      the notes, in Markdown
  --next-hours N the next shift lasts so many hours (default: 8)
  --sign         sign it at once
  --to FILE      the file to write
  --tick-all     tick what is open; without it the countersignature says which items were not gone through
  --remark T     said with the countersignature
  --json         print one object (list: one a line)`,
    options: {
      'data-dir': dataDir,
      range: { type: 'boolean' },
      notes: { type: 'string' },
      'next-hours': { type: 'string' },
      sign: { type: 'boolean' },
      to: { type: 'string' },
      'tick-all': { type: 'boolean' },
      remark: { type: 'string' },
      json,
    },
    async run(values, [action, given]) {
      const commands = await import('./cli/handover.ts');
      const command = {
        dataDirectory: dataDirectory(values),
        workspace: values.range === true ? 'range' : 'live',
        json: values.json === true,
      } as const;
      const word = (what: string): string => {
        if (given === undefined) throw new UsageError(`Name ${what}.`);
        return given;
      };
      switch (action) {
        case 'list':
          return commands.listHandovers(command);
        case 'show':
          return commands.showHandover(command, given ?? null);
        case 'make':
          return commands.makeHandover(command, {
            notes: text(values, 'notes'),
            nextShiftHours: wholeNumber(values, 'next-hours', 1, 24),
            isSigned: values.sign === true,
          });
        case 'sign':
          return commands.signHandover(command, word('a handover'));
        case 'export': {
          const to = text(values, 'to');
          if (to === null || to === '') throw new UsageError('export needs --to.');
          return commands.exportHandover(command, word('a handover'), resolve(to));
        }
        case 'import':
          return commands.importHandover(command, resolve(word('a file')));
        case 'verify':
          return commands.verifyHandover(resolve(word('a file')), command.json);
        case 'countersign':
          return commands.countersignHandover(command, word('a handover'), {
            isAllTicked: values['tick-all'] === true,
            remark: text(values, 'remark') ?? '',
          });
        default:
          throw new UsageError(action === undefined ? 'Say what to do.' : `There is no handover ${action}.`);
      }
    },
  },
  report: {
    summary: "write a case's retrospective",
    usage: `watchfloor report --case ID [--format html|markdown|pdf] [--out FILE] [--data-dir D] [--range] [--json]

Writes the report to FILE, or to a file named after the case in this folder. Without --case it lists the cases.
${dataDirHelp}
  --range        a case of the range
  --json         print one object: the path, the size`,
    options: {
      'data-dir': dataDir,
      case: { type: 'string' },
      format: { type: 'string' },
      out: { type: 'string' },
      range: { type: 'boolean' },
      json,
    },
    async run(values) {
      const format = text(values, 'format') ?? 'html';
      if (format !== 'html' && format !== 'markdown' && format !== 'pdf') {
        throw new UsageError(`--format is html, markdown or pdf, not ${format}.`);
      }
      const { writeReport } = await import('./cli/report.ts');
      return writeReport({
        dataDirectory: dataDirectory(values),
        workspace: values.range === true ? 'range' : 'live',
        caseId: text(values, 'case'),
        format,
        out: text(values, 'out'),
        json: values.json === true,
      });
    },
  },
  bench: {
    summary: 'measure, and print one JSON line',
    usage: `watchfloor bench NAME [--assert] [--rows N]

NAME is start, ingest, queue, queue-screen, case, watch, detect, range or signals. Prints {"bench", "figures", "goals", "missed"}.
  --assert       exit with 1 when a goal is missed
  --rows N       queue, queue-screen, ingest, case: so many alerts or entries instead of a million`,
    options: { assert: { type: 'boolean' }, rows: { type: 'string' } },
    async run(values, names) {
      const { runBench } = await import('./bench/main.ts');
      return runBench(names, values.assert === true, {
        rows: wholeNumber(values, 'rows', 1_000, 20_000_000),
      });
    },
  },
};

const overview = `watchfloor COMMAND [OPTIONS]

${Object.entries(commands)
  .map(([name, command]) => `  ${name.padEnd(8)} ${command.summary}`)
  .join('\n')}

watchfloor COMMAND --help says more.`;

async function main(words: readonly string[]): Promise<number> {
  const [name, ...rest] = words;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(`${overview}\n`);
    return name === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    process.stderr.write(`watchfloor: there is no command ${name}.\n\n${overview}\n`);
    return 2;
  }
  try {
    let parsed: { values: Values; positionals: string[] };
    try {
      parsed = parseArgs({
        args: [...rest],
        options: { ...command.options, help },
        allowPositionals: true,
        strict: true,
      });
    } catch (thrown) {
      throw new UsageError(thrown instanceof Error ? thrown.message : String(thrown));
    }
    if (parsed.values.help === true) {
      process.stdout.write(`${command.usage}\n`);
      return 0;
    }
    assertRuntime();
    return await command.run(parsed.values, parsed.positionals);
  } catch (thrown) {
    if (thrown instanceof UsageError) {
      process.stderr.write(`watchfloor ${name}: ${thrown.message}\n\n${command.usage}\n`);
      return 2;
    }
    const error = toErrorData(thrown);
    const detail =
      thrown instanceof WatchfloorError ? error.details : ((thrown as Error).stack ?? error.details);
    process.stderr.write(`watchfloor ${name}: ${error.message}${detail === null ? '' : `\n${detail}`}\n`);
    return 1;
  }
}

// A reader that closes early (head, a pager) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
});

main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
