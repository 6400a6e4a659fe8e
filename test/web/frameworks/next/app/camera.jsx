'use client';
import { useEffect, useState } from 'react';
import { SelfView } from './self-view.jsx';

export function Camera() {
  const [camera, setCamera] = useState();
  useEffect(() => {
    navigator.mediaDevices
      .getUserMedia({ video: true })
      .then((stream) => setCamera(stream.getVideoTracks()[0]));
  }, []);
  return camera && <SelfView camera={camera} />;
}
