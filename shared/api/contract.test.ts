import { expect, it } from 'vitest';
import { alertMethods } from './contract/alerts.ts';
import { appMethods } from './contract/app.ts';
import { caseFileMethods } from './contract/case-files.ts';
import { caseMethods } from './contract/cases.ts';
import { connectionMethods } from './contract/connections.ts';
import { detectionMethods } from './contract/detection.ts';
import { handoverMethods } from './contract/handovers.ts';
import { mitigationMethods } from './contract/mitigations.ts';
import { methods } from './contract.ts';

it('has every method of every topic, each in one topic alone', () => {
  const topics = [
    appMethods,
    connectionMethods,
    detectionMethods,
    alertMethods,
    caseMethods,
    caseFileMethods,
    mitigationMethods,
    handoverMethods,
  ];
  // A name that stood in two topics would be the later one's here, without a word from the compiler.
  expect(Object.keys(methods).sort()).toEqual(topics.flatMap((topic) => Object.keys(topic)).sort());
});
