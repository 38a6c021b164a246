const pollMs = 10

/** Resolves once the condition holds. There is no time limit but the runner's own, so that a slow machine only takes longer. */
export const until = async (holds: () => Promise<boolean> | boolean): Promise<void> => {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, pollMs))
}
