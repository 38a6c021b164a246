/**
 * JSON of this server in the shape of its response schemas. Client and server come from one build and the server's tests
 * check the shapes, so this is the one place that does not validate.
 * @throws SyntaxError for what is not JSON.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller knows the response's type
export const parsed = <A>(text: string): A => JSON.parse(text) as A
