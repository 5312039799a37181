/** Tells the page something and does not wait for it. What its handlers throw is the page's to report: here it must stop nothing. */
export function tell(say: () => void | Promise<void>): void {
  const said = async (): Promise<void> => say();
  void said().catch(() => undefined);
}
