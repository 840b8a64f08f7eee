import { type ReactNode, useEffect, useState } from 'react';
import type { CaseState } from '../../shared/domain/case.ts';
import { readImageHeader } from '../../shared/domain/image-header.ts';
import { formatBytes } from '../../shared/domain/quantity.ts';
import { toErrorData } from '../../shared/domain/result.ts';
import { toSafeExcerpt } from '../../shared/domain/safe-text.ts';
import { bytesFromBase64 } from '../ui/download.ts';
import { CodeBlock, type NoteImages, SafeText } from '../ui/index.ts';
import { type CaseDesk, type ReadPurpose, useCaseDesk } from './case-desk.tsx';

type Evidence = CaseState['evidence'][number];

/** Larger files are saved out and opened by other means. */
const mostShownBytes = 16 * 1024 * 1024;
/** Of a text so much is shown. */
const mostTextBytes = 256 * 1024;

type Content =
  | { readonly kind: 'image'; readonly url: string; readonly width: number; readonly height: number }
  | { readonly kind: 'text'; readonly text: string; readonly isWhole: boolean }
  | { readonly kind: 'none'; readonly reason: string };

const none = (reason: string): Content => ({ kind: 'none', reason });

/** What text has in it: anything but control characters beside tabs and line breaks. */
const notText = /[^\P{Cc}\t\n\r\f]/u;

function contentOf(bytes: Uint8Array<ArrayBuffer>): Content {
  const image = readImageHeader(bytes);
  if (image !== null) {
    const { mediaType, width, height } = image;
    return { kind: 'image', url: URL.createObjectURL(new Blob([bytes], { type: mediaType })), width, height };
  }
  const isWhole = bytes.length <= mostTextBytes;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, mostTextBytes), {
      // The cut may go through a character.
      stream: !isWhole,
    });
    if (!notText.test(text)) return { kind: 'text', text, isWhole };
  } catch {
    // Then it is no text.
  }
  return none('This is neither text nor an image that can be shown. Save it to look at it by other means.');
}

async function read(desk: CaseDesk, evidence: Evidence, purpose: ReadPurpose): Promise<Content> {
  if (desk.readEvidence === null) return none('The bytes of this evidence are not at hand here.');
  if (evidence.sizeBytes > mostShownBytes) {
    return none(`Files above ${formatBytes(mostShownBytes)} are not shown here. Save it to look at it.`);
  }
  try {
    const { base64, verified } = await desk.readEvidence(evidence.id, purpose);
    if (!verified) return none('It no longer has the SHA-256 it was added with, and is not shown.');
    return contentOf(bytesFromBase64(base64));
  } catch (thrown) {
    return none(toErrorData(thrown).message);
  }
}

function useContent(evidence: Evidence, purpose: ReadPurpose): Content | null {
  const desk = useCaseDesk();
  const [content, setContent] = useState<Content | null>(null);
  const { readEvidence } = desk;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the bytes go by their hash, whatever else is said of them
  useEffect(() => {
    let isWanted = true;
    let url: string | null = null;
    setContent(null);
    void read(desk, evidence, purpose).then((found) => {
      if (found.kind === 'image') url = found.url;
      if (isWanted) setContent(found);
      else if (url !== null) URL.revokeObjectURL(url);
    });
    return () => {
      isWanted = false;
      if (url !== null) URL.revokeObjectURL(url);
    };
  }, [readEvidence, evidence.sha256]);
  return content;
}

/** A piece of evidence, harmlessly: text as text, PNG, JPEG, GIF and WebP as images; anything else is not shown. */
export function EvidenceContent({ evidence }: { readonly evidence: Evidence }) {
  const content = useContent(evidence, 'view');
  if (content === null) return <p className="quiet">Reading the file</p>;
  switch (content.kind) {
    case 'image':
      return <EvidenceImage content={content} alt={evidence.name} />;
    case 'text':
      return (
        <>
          <CodeBlock label="Text" text={content.text} limit={mostTextBytes} searchable />
          {content.isWhole ? null : (
            <p className="quiet">The first {formatBytes(mostTextBytes)} of it. Save it for the rest.</p>
          )}
        </>
      );
    case 'none':
      return <p className="quiet">{content.reason}</p>;
  }
}

function EvidenceImage({
  content,
  alt,
}: {
  readonly content: Extract<Content, { kind: 'image' }>;
  readonly alt: string;
}) {
  const [isBroken, setBroken] = useState(false);
  if (isBroken) return <p className="quiet">The image is damaged and cannot be shown.</p>;
  return (
    <img
      className="evidence-image"
      src={content.url}
      alt={toSafeExcerpt(alt, 255)}
      width={content.width}
      height={content.height}
      onError={() => setBroken(true)}
    />
  );
}

/** An image within a note; anything else is named instead. */
function NoteEvidence({ evidence, alt }: { readonly evidence: Evidence; readonly alt: string }) {
  const content = useContent(evidence, 'note');
  if (content?.kind === 'image') return <EvidenceImage content={content} alt={alt} />;
  return (
    <span className="quiet">
      [{content === null ? 'reading' : 'not an image that can be shown'}:{' '}
      <SafeText text={evidence.name} limit={120} plain />]
    </span>
  );
}

const evidenceAddress = /^evidence:([0-9a-f]{64})$/;

/** Images of notes that are evidence of the case, by `![name](evidence:SHA256)`. */
export function noteImagesOf(state: Pick<CaseState, 'evidence'>): NoteImages {
  return (address, alt): ReactNode => {
    const sha256 = evidenceAddress.exec(address)?.[1];
    const evidence = state.evidence.find((each) => each.sha256 === sha256);
    return evidence === undefined ? null : <NoteEvidence evidence={evidence} alt={alt} />;
  };
}
