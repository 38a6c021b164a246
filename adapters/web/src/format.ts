import { MB } from '../../../domain/files/kinds.ts'

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
const day = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' })
const dayOfYear = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', year: 'numeric' })
const time = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const exact = new Intl.DateTimeFormat('en', { dateStyle: 'full', timeStyle: 'long' })

/** In the browser's time zone, with the year unless it is the present one. */
export const shortTime = (iso: string, now = new Date()): string => {
  const at = new Date(iso)
  const date = at.getFullYear() === now.getFullYear() ? day : dayOfYear
  return `${date.format(at)}, ${time.format(at)}`
}

/** To the second, with the time zone. */
export const exactTime = (iso: string): string => `${exact.format(new Date(iso))} (${zone})`

const amount = new Intl.NumberFormat('en', { maximumFractionDigits: 2 })

export const shownNumber = (value: number): string => amount.format(value)

const units = ['B', 'kB', 'MB'] as const

export const fileSize = (bytes: number): string => {
  const step = bytes < 1_024 ? 0 : bytes < MB ? 1 : 2
  const amount = bytes / 1_024 ** step
  return `${amount >= 10 || step === 0 ? Math.round(amount) : amount.toFixed(1)} ${units[step]}`
}
