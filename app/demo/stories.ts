/** A demo ticket: who opens it, and the steps that follow, in minutes after the opening. */
export interface Story {
  readonly by: 'ann' | 'bob' | 'carla'
  readonly category: string
  readonly subject: string
  readonly description: string
  readonly steps: readonly Step[]
}

type Step =
  | readonly [minutes: number, who: 'ann' | 'bob' | 'carla' | 'sue' | 'tom', says: string]
  | readonly [minutes: number, who: 'sue' | 'tom', does: SupportCommand]
  | readonly [minutes: number, who: 'ann' | 'bob' | 'carla' | 'sue' | 'tom', closes: { readonly type: 'close' }]

export type SupportCommand =
  | { readonly type: 'take' }
  | { readonly type: 'status'; readonly status: 'waiting_for_customer' }

const take: SupportCommand = { type: 'take' }
const ask: SupportCommand = { type: 'status', status: 'waiting_for_customer' }
const close = { type: 'close' } as const

export const stories: readonly Story[] = [
  {
    by: 'ann',
    category: 'video-cdn',
    subject: 'Playback stutters in South America',
    description: 'Since this morning viewers in São Paulo and Santiago see buffering every few seconds at 1080p.',
    steps: [
      [12, 'sue', take],
      [25, 'sue', 'Could you send us two request ids from affected viewers?'],
      [26, 'sue', ask],
    ],
  },
  {
    by: 'bob',
    category: 'billing',
    subject: 'Invoice for October shows the old address',
    description: 'We moved in September. Please send a corrected invoice to accounting.',
    steps: [
      [90, 'tom', 'The corrected invoice is in your billing section.'],
      [180, 'bob', 'Got it, thank you.'],
      [185, 'bob', close],
    ],
  },
  {
    by: 'carla',
    category: 'kubernetes',
    subject: 'Node pool does not scale down',
    description: 'The autoscaler adds nodes but keeps them for hours after the load is gone.',
    steps: [
      [8, 'tom', take],
      [
        60,
        'tom',
        'A pod without a disruption budget keeps one node alive in each pool. We have listed them in your console.',
      ],
    ],
  },
  {
    by: 'ann',
    category: 'load-balancer',
    subject: 'Health checks flap at night',
    description: 'Between 02:00 and 03:00 UTC two backends are marked unhealthy and come back by themselves.',
    steps: [],
  },
  {
    by: 'carla',
    category: 'cloud-servers',
    subject: 'Cannot resize a volume beyond 2 TB',
    description: 'The form says the limit is 10 TB, the request is refused with "quota".',
    steps: [
      [30, 'sue', 'Your project had an older quota; it is 10 TB now. Could you try again?'],
      [31, 'sue', ask],
      [55, 'carla', 'It works, thanks.'],
      [70, 'sue', close],
    ],
  },
  {
    by: 'bob',
    category: 'anycast-cdn',
    subject: 'Purge takes over ten minutes',
    description: 'A purge of a single path is visible in Frankfurt at once and in Singapore only after ten minutes.',
    steps: [[15, 'sue', take]],
  },
  {
    by: 'ann',
    category: 'account',
    subject: 'Please add a colleague to our account',
    description: 'Dana Diaz joins our team on Monday and needs to see tickets and invoices.',
    steps: [
      [20, 'tom', 'Done: the invitation went to her work mail.'],
      [21, 'tom', close],
    ],
  },
  {
    by: 'carla',
    category: 'technical',
    subject: 'API answers 429 though we are under the limit',
    description: 'Our worker sends 20 requests a second, the documentation says 50.',
    steps: [
      [45, 'tom', 'The limit counts per key, and three of your workers share one. Can you give each its own key?'],
      [46, 'tom', ask],
    ],
  },
  {
    by: 'bob',
    category: 'other',
    subject: 'Where do I find the status page?',
    description: 'I remember a page with the state of all regions.',
    steps: [
      [5, 'sue', 'It is linked at the foot of every page, under Status.'],
      [6, 'sue', close],
    ],
  },
]
