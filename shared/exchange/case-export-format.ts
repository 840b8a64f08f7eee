import { z } from 'zod';

export const caseExportFormats = [
  'stix',
  'misp',
  'ocsf',
  'timesketch-csv',
  'timesketch-jsonl',
  'markdown',
  'html',
] as const;
export const caseExportFormatSchema = z.enum(caseExportFormats);
export type CaseExportFormat = z.infer<typeof caseExportFormatSchema>;

/** How a person calls each format. */
export const caseExportNames = {
  stix: 'STIX 2.1 bundle',
  misp: 'MISP event',
  ocsf: 'OCSF incident finding',
  'timesketch-csv': 'Timesketch timeline, CSV',
  'timesketch-jsonl': 'Timesketch timeline, JSON Lines',
  markdown: 'Markdown report',
  html: 'HTML report',
} as const satisfies Record<CaseExportFormat, string>;

export const exportedCaseSchema = z.object({
  fileName: z.string(),
  mediaType: z.string(),
  text: z.string(),
});
/** A case as one file of text. */
export type ExportedCase = z.infer<typeof exportedCaseSchema>;
