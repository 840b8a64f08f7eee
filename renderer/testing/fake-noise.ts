import { type Noise, type NoiseGroup, startOfDay } from '../../shared/domain/noise.ts';

/** A week of noise: one day not watched, one partly, one over budget. */
export function fakeNoise(customerId: string | null, nowMs: number): Noise {
  const today = startOfDay(nowMs);
  const watchedHours = [0, 9, 24, 24, 24, 24, 24];
  const group = (key: string, count: number, judged: number, nothing: number): NoiseGroup => ({
    key,
    customerId: customerId ?? 'acme',
    count,
    judged,
    nothing,
  });
  return {
    days: watchedHours.map((hours, index) => {
      const day = today - (6 - index) * 86_400_000;
      const lengthMs = Math.min(86_400_000, nowMs - day);
      return { dayMs: day, lengthMs, watchedMs: Math.min(lengthMs, hours * 3_600_000) };
    }),
    customers: [
      { customerId: 'acme', counts: [0, 2, 4, 11, 3, 5, 2] },
      { customerId: 'boreal', counts: [0, 0, 1, 0, 2, 3, 0] },
    ],
    groups: {
      source: [group('detection', 21, 14, 5), group('eve', 6, 5, 5)],
      service: [group('shop', 19, 13, 6), group('api', 8, 6, 4)],
      signal: [
        group('shop.edge-rate', 14, 9, 3),
        group('shop.origin-latency', 9, 6, 2),
        group('api.origin-latency', 5, 4, 4),
      ],
      rule: [
        group('HTTP flood on /login', 9, 7, 0),
        group('Request surge on shop.acme.example', 7, 6, 5),
        group('ET SCAN Potential SSH Scan', 6, 5, 5),
        group('Origin slower on api.acme.example', 5, 0, 0),
      ],
    },
    alerts: 27,
    isExact: true,
  };
}
