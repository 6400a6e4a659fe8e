import { Backdrop } from '@backdrop/web';
import { Camera } from './camera.jsx';

export default function Page() {
  return (
    <main data-supported={String(Backdrop.isSupported())}>
      <Camera />
    </main>
  );
}
