/** A wrong value: one line that names the variable and says what it may be. */
export class ConfigError extends Error {}

/** @throws ConfigError always. */
export const wrong = (name: string, why: string): never => {
  throw new ConfigError(`${name}: ${why}`)
}

/** @throws ConfigError where it is no whole number between the two, both included. */
export const whole = (name: string, text: string, least: number, most: number): number =>
  /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most
    ? Number(text)
    : wrong(name, `must be a whole number from ${least} to ${most}, and is "${text}"`)
