/** Begins the names of the locks that workers hold as long as they live. */
const LIFE = 'mesafs-life-';

/** In a worker: holds a lock until it ends, however that comes about, and tells the page the lock's name. Without locks nothing is told. */
export function tellLife({ locks }: Navigator, tell: (message: { life: string }) => void): void {
  const life = LIFE + crypto.randomUUID();
  void locks?.request(life, () => {
    tell({ life });
    return new Promise(() => undefined);
  });
}
