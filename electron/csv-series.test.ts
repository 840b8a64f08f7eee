import { describe, expect, it } from 'vitest';
import { parseCsvSeries, parseStamp } from './csv-series.ts';

describe('times', () => {
  it.each([
    ['2026-03-04T05:06:07Z', Date.UTC(2026, 2, 4, 5, 6, 7)],
    ['2026-03-04 05:06:07', Date.UTC(2026, 2, 4, 5, 6, 7)],
    ['2026-03-04 05:06', Date.UTC(2026, 2, 4, 5, 6)],
    ['2026-03-04T07:06:07.5+02:00', Date.UTC(2026, 2, 4, 5, 6, 7, 500)],
    ['1772600767', 1_772_600_767_000],
    ['1772600767000', 1_772_600_767_000],
    ['1772600767.25', 1_772_600_767_250],
  ])('%s', (text, ms) => {
    expect(parseStamp(text)).toBe(ms);
  });

  it.each(['', 'yesterday', '2026-13-40 00:00:00', '04/03/2026', '99999999999999999999', '1e9'])(
    '“%s” is none',
    (text) => {
      expect(parseStamp(text)).toBeNaN();
    },
  );
});

describe('a series', () => {
  it('has one entry a row, in the order of the file, with what stood there', () => {
    const series = parseCsvSeries('timestamp,value\n2026-03-04 00:05:00,2.50\n2026-03-04 00:00:00,-1e3\n');
    expect(series).toEqual({
      timesMs: [Date.UTC(2026, 2, 4, 0, 5), Date.UTC(2026, 2, 4)],
      values: [2.5, -1000],
      stamps: ['2026-03-04 00:05:00', '2026-03-04 00:00:00'],
      texts: ['2.50', '-1e3'],
    });
  });

  it('takes other headers, quotes, a byte order mark, Windows line ends and further columns', () => {
    const series = parseCsvSeries(
      '\uFEFF"TimeStamp","Value","Label"\r\n"2017-11-01T00:00:00Z","49.67","0"\r\n"2017-11-01T00:01:00Z",7,1\r\n\r\n',
    );
    expect(series.values).toEqual([49.67, 7]);
    expect(series.stamps).toEqual(['2017-11-01T00:00:00Z', '2017-11-01T00:01:00Z']);
  });

  it('keeps a missing value missing', () => {
    expect(parseCsvSeries('time,count\n1772600000,\n1772600060,NaN\n1772600120,1e999').values).toEqual([
      null,
      null,
      null,
    ]);
  });

  it.each([
    ['', /Line 1/],
    ['1,2\n3,4', /Line 1/],
    ['timestamp\n2026-03-04 00:00:00', /Line 1/],
    ['timestamp,value\n2026-03-04 00:00:00,1\nnever,2', /Line 3: no time/],
    ['timestamp,value\n2026-03-04 00:00:00,1\n2026-03-04 00:05:00,many', /Line 3: no number/],
    ['timestamp,value\n2026-03-04 00:00:00', /Line 2: no number/],
    ['timestamp,value\n2026-03-04 00:00:00,0x10', /Line 2: no number/],
    ['timestamp,value\n\n2026-03-04 00:00:00,1', /Line 2: no time/],
  ])('names the line that cannot be read: %j', (csv, message) => {
    expect(() => parseCsvSeries(csv)).toThrow(message);
  });
});
