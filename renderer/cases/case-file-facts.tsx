import type { ReactNode } from 'react';
import { CopyButton } from '../ui/index.ts';

/** The manifest's hash, which covers all of a case file but the exporter's signature: what two people compare. */
export function manifestFact(sha256: string): { readonly name: string; readonly value: ReactNode } {
  return {
    name: 'Manifest',
    value: (
      <span className="file-value">
        <span>
          <span className="quiet">SHA-256</span>{' '}
          <span className="mono file-hash">
            {sha256.slice(0, 32)}
            <wbr />
            {sha256.slice(32)}
          </span>
        </span>
        <CopyButton text={sha256} label="Copy the SHA-256 of the manifest" iconOnly />
      </span>
    ),
  };
}
