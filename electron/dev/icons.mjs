/**
 * Draws the icons from resources/icons/icon.svg in an installed Chromium: PNG, ICO for Windows, ICNS for macOS.
 * Run it after changing the drawing; its results are kept in the repository.
 *
 *   node electron/dev/icons.mjs
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { findBrowser, needsNoSandbox } from './browser.mjs';
import { root, runMain, say } from './setup.mjs';

const folder = join(root, 'resources', 'icons');
const sizes = [16, 24, 32, 48, 64, 128, 256, 512, 1024];
const icoSizes = [16, 24, 32, 48, 64, 128, 256];
/** The types of an ICNS entry that hold a PNG, with their sizes in pixels. */
const icnsTypes = { icp4: 16, icp5: 32, icp6: 64, ic07: 128, ic08: 256, ic09: 512, ic10: 1024 };

/** The sign in the tray while something needs a person: the same drawing with a mark that is seen at 16 pixels. */
const waitingMark = '<circle cx="384" cy="384" r="112" fill="#ff5d4f" stroke="#10151d" stroke-width="24"/>';

/**
 * @param {readonly number[]} sizes
 * @param {string} [more] what is drawn on top
 * @returns {Promise<Map<number, Buffer>>} PNG by size
 */
async function draw(sizes, more = '') {
  const executablePath = findBrowser();
  if (executablePath === null) {
    throw new Error('Drawing the icons needs Chromium, Chrome or Edge.');
  }
  const svg = readFileSync(join(folder, 'icon.svg'), 'utf8').replace('</svg>', `${more}</svg>`);
  const browser = await chromium.launch({ executablePath, args: needsNoSandbox() ? ['--no-sandbox'] : [] });
  /** @type {Map<number, Buffer>} */
  const images = new Map();
  for (const size of sizes) {
    const page = await browser.newPage({ viewport: { width: size, height: size } });
    const sized = svg.replace('width="512" height="512"', `width="${size}" height="${size}"`);
    await page.setContent(`<style>body{margin:0}svg{display:block}</style>${sized}`);
    images.set(size, await page.screenshot({ omitBackground: true }));
    await page.close();
  }
  await browser.close();
  return images;
}

/**
 * @param {Map<number, Buffer>} images
 * @param {number} size
 * @returns {Buffer}
 */
function image(images, size) {
  const found = images.get(size);
  if (found === undefined) {
    throw new Error(`No image of ${size} px was drawn.`);
  }
  return found;
}

/**
 * ICO: a directory of 16-byte entries, then the PNGs (Windows Vista and later).
 * @param {Map<number, Buffer>} images
 * @returns {Buffer}
 */
function ico(images) {
  const header = Buffer.alloc(6 + 16 * icoSizes.length);
  header.writeUInt16LE(1, 2);
  header.writeUInt16LE(icoSizes.length, 4);
  let offset = header.length;
  const bodies = icoSizes.map((size, index) => {
    const body = image(images, size);
    const at = 6 + 16 * index;
    // 0 stands for 256.
    header.writeUInt8(size % 256, at);
    header.writeUInt8(size % 256, at + 1);
    header.writeUInt16LE(1, at + 4);
    header.writeUInt16LE(32, at + 6);
    header.writeUInt32LE(body.length, at + 8);
    header.writeUInt32LE(offset, at + 12);
    offset += body.length;
    return body;
  });
  return Buffer.concat([header, ...bodies]);
}

/**
 * ICNS: type, length, PNG for each entry, after a header of the same shape for the whole.
 * @param {Map<number, Buffer>} images
 * @returns {Buffer}
 */
function icns(images) {
  /**
   * @param {string} type
   * @param {Buffer} body
   */
  const chunk = (type, body) => {
    const header = Buffer.alloc(8);
    header.write(type, 'ascii');
    header.writeUInt32BE(body.length + 8, 4);
    return Buffer.concat([header, body]);
  };
  const entries = Object.entries(icnsTypes).map(([type, size]) => chunk(type, image(images, size)));
  return chunk('icns', Buffer.concat(entries));
}

await runMain(async () => {
  const images = await draw(sizes);
  const waiting = await draw([32], waitingMark);
  mkdirSync(join(folder, 'linux'), { recursive: true });
  for (const size of [16, 32, 48, 64, 128, 256, 512]) {
    writeFileSync(join(folder, 'linux', `${size}x${size}.png`), image(images, size));
  }
  writeFileSync(join(folder, 'icon.png'), image(images, 512));
  writeFileSync(join(folder, 'tray.png'), image(images, 32));
  writeFileSync(join(folder, 'tray-waiting.png'), image(waiting, 32));
  writeFileSync(join(folder, 'icon.ico'), ico(images));
  writeFileSync(join(folder, 'icon.icns'), icns(images));
  say(`icons drawn in ${folder}`);
  return 0;
});
