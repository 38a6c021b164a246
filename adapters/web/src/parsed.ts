/**
 * JSON of our own server in the shape that its contract gives it, which its own tests hold: the pages and the server
 * come from one build, so this is the one place that believes without looking.
 * @throws SyntaxError where it is no JSON.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- whoever asks knows which answer it is
export const parsed = <A>(text: string): A => JSON.parse(text) as A
