import type { Channel } from './device.ts';

/** Opens a channel of the platform. */
export function broadcastChannel(name: string): Channel {
  const channel = new BroadcastChannel(name);
  let closed = false;
  return {
    post: (message) => {
      if (!closed) channel.postMessage(message);
    },
    listen: (listener) => {
      const heard = ({ data }: MessageEvent<unknown>): void => listener(data);
      channel.addEventListener('message', heard);
      return () => channel.removeEventListener('message', heard);
    },
    close: () => {
      closed = true;
      channel.close();
    },
  };
}
