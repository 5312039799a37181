/** What a request comes to. `fetch` fails with a text that says little, another on every platform: the error names the address. @throws TypeError */
export async function reach(apiUrl: string, asked: Promise<Response>): Promise<Response> {
  try {
    return await asked;
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new TypeError(`${apiUrl} cannot be reached (${cause.message}); see that the address is right and a server runs there`, { cause });
  }
}
