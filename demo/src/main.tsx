import { effect } from '@preact/signals';
import { render } from 'preact';
import { startBoot } from './boot.ts';
import { registerShell } from './offline/register-shell.ts';
import './theme/tokens.css';
import './theme/base.css';
import './theme/layout.css';
import './theme/tree.css';
import './theme/editor.css';
import './theme/compare.css';
import './theme/syntax.css';
import './theme/conflict.css';
import './theme/message.css';
import './theme/overlay.css';
import './theme/status.css';
import './theme/sync.css';
import './theme/history.css';
import { App } from './ui/app.tsx';
import { Notices } from './workspace/notices.ts';
import { openPageStorage } from './workspace/page-storage.ts';
import { loadSettings } from './workspace/settings.ts';

const storage = openPageStorage(() => localStorage);
const settings = loadSettings(storage);
const notices = new Notices();

effect(() => {
  const { dataset } = document.documentElement;
  if (settings.theme.value === 'system') delete dataset['theme'];
  else dataset['theme'] = settings.theme.value;
});

const root = document.getElementById('app');
if (root) render(<App boot={startBoot(settings, notices, storage)} notices={notices} />, root);

// A page that is served from sources is always the latest.
if (import.meta.env.PROD) registerShell(navigator.serviceWorker);
