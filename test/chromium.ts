/** How tests start Chromium: `$MESAFS_CHROMIUM` names it; the flags keep it quiet on a closed network, and the sandbox needs rights a container lacks. */
export const chromiumLaunch: { args: string[]; executablePath?: string } = {
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
  ...(process.env['MESAFS_CHROMIUM'] === undefined ? {} : { executablePath: process.env['MESAFS_CHROMIUM'] }),
};
