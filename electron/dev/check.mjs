/** `npm run check`: types, lint and format, and the layer rule. Any warning fails. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ensureInstalled, nodeBinary, projectEnvironment, root, runMain, say } from './setup.mjs';

const modules = join(root, 'node_modules');
const steps = [
  { name: 'types', script: join(modules, 'typescript', 'bin', 'tsc'), args: ['-b', '--pretty', 'false'] },
  {
    name: 'lint and format',
    script: join(modules, '@biomejs', 'biome', 'bin', 'biome'),
    args: ['check', '--error-on-warnings', '--max-diagnostics=200', '.'],
  },
  {
    name: 'layers',
    script: join(modules, 'vitest', 'vitest.mjs'),
    args: ['run', 'electron/dev/layers.test.ts'],
  },
];

/**
 * @param {typeof steps[number]} step
 * @returns {Promise<boolean>}
 */
function runStep(step) {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const child = spawn(nodeBinary(), [step.script, ...step.args], {
      cwd: root,
      env: projectEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      output += chunk;
    });
    child.on('close', (code) => {
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      if (code !== 0) {
        process.stdout.write(output);
      }
      say(`check ${step.name}: ${code === 0 ? 'passed' : 'failed'} (${seconds} s)`);
      resolve(code === 0);
    });
  });
}

await runMain(async () => {
  ensureInstalled();
  const results = await Promise.all(steps.map(runStep));
  return results.every(Boolean) ? 0 : 1;
});
