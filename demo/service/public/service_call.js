/** A refusal by the service; `message` is for the person, in the page's language. */
export class RefusedError extends Error {
  /** @param {{ code: string, message: string }} answer */
  constructor({ code, message }) {
    super(message);
    this.name = 'RefusedError';
    this.code = code;
  }
}

/**
 * @param {string} path
 * @param {object} [body] sent by POST when given
 */
export async function callService(path, body) {
  const response = await fetch(path, {
    method: body ? 'POST' : 'GET',
    headers: {
      Accept: 'application/json',
      'Content-Type': 'application/json',
      'X-CSRF-Token': document.querySelector('meta[name=csrf-token]').content,
    },
    body: body && JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new RefusedError(answer);
  return answer;
}
