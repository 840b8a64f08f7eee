import type { LessonInForce } from '../../shared/domain/lesson.ts';

/** Three verdicts that teach. */
export function fakeLessons(nowMs: number): LessonInForce[] {
  const lesson = (
    place: number,
    days: number,
    change: Partial<LessonInForce> & Pick<LessonInForce, 'title' | 'covers'>,
  ): LessonInForce => ({
    alertId: `alert-${place}`,
    customerId: 'acme',
    serviceId: 'shop',
    disposition: 'false-positive',
    actor: 'Robin Keller',
    judgedMs: nowMs - days * 86_400_000,
    reason: '',
    hidden: 0,
    lastHiddenMs: null,
    wouldHaveHidden: 0,
    ...change,
  });
  return [
    lesson(52, 1.2, {
      title: 'Request surge on shop.acme.example',
      reason: 'The newsletter goes out on Tuesdays',
      disposition: 'benign-positive',
      covers: [
        { signalId: 'shop.edge-rate', direction: 'up' },
        { signalId: 'shop.origin-rate', direction: 'up' },
        { signalId: 'shop.bits', direction: 'up' },
      ],
      hidden: 3,
      lastHiddenMs: nowMs - 7_200_000,
      wouldHaveHidden: 9,
    }),
    lesson(53, 4.6, {
      title: 'Origin slower on api.acme.example',
      serviceId: 'api',
      reason: 'Nightly backup',
      actor: 'Kim Analyst',
      covers: [{ signalId: 'api.origin-latency', direction: 'up' }],
      hidden: 4,
      lastHiddenMs: nowMs - 30_000_000,
      wouldHaveHidden: 26,
    }),
    lesson(54, 12, {
      title: 'Traffic fell on ebank.boreal.example',
      customerId: 'boreal',
      serviceId: 'ebank',
      covers: [{ signalId: 'ebank.edge-rate', direction: 'down' }],
    }),
  ];
}
