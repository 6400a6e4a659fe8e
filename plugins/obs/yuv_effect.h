// YUV to RGB on the GPU, in OBS's language of shaders: the same sums as OBS's own, which it keeps
// for itself. The first sample of chroma lies on the first pixel of its row, as in MPEG-2.
#pragma once

namespace backdrop::obs {

inline constexpr char kYuvEffect[] = R"(
uniform float4x4 ViewProj;
uniform texture2d image;
uniform texture2d image1;
uniform texture2d image2;
uniform float4 size;   // width, height, width rounded up to even
uniform float4 red;
uniform float4 green;
uniform float4 blue;
uniform float4 least;
uniform float4 most;

sampler_state chroma_sampler {
  Filter   = Linear;
  AddressU = Clamp;
  AddressV = Clamp;
};

struct Vertex {
  float4 pos : POSITION;
  float2 uv  : TEXCOORD0;
};

Vertex vertex(Vertex v)
{
  Vertex result;
  result.pos = mul(float4(v.pos.xyz, 1.0), ViewProj);
  result.uv = v.uv;
  return result;
}

float2 chroma_at(float2 uv)
{
  return float2((uv.x * size.x + 0.5) / size.z, uv.y);
}

float4 to_rgb(float3 samples)
{
  float3 yuv = clamp(samples, least.xyz, most.xyz);
  return float4(saturate(float3(dot(red.xyz, yuv) + red.w, dot(green.xyz, yuv) + green.w,
                                dot(blue.xyz, yuv) + blue.w)), 1.0);
}

float4 i420(Vertex v) : TARGET
{
  int3 at = int3(v.uv * size.xy, 0);
  float2 chroma = chroma_at(v.uv);
  return to_rgb(float3(image.Load(at).x, image1.Sample(chroma_sampler, chroma).x,
                       image2.Sample(chroma_sampler, chroma).x));
}

float4 nv12(Vertex v) : TARGET
{
  int3 at = int3(v.uv * size.xy, 0);
  return to_rgb(float3(image.Load(at).x,
                       image1.Sample(chroma_sampler, chroma_at(v.uv)).xy));
}

float4 yuy2(Vertex v) : TARGET
{
  float x = v.uv.x * size.x;
  float4 group = image.Load(int3(x * 0.5, v.uv.y * size.y, 0));
  float luma = frac(floor(x) * 0.5) < 0.25 ? group.z : group.x;
  float2 chroma = image.Sample(chroma_sampler, chroma_at(v.uv)).yw;
  return to_rgb(float3(luma, chroma));
}

technique I420 { pass { vertex_shader = vertex(v); pixel_shader = i420(v); } }
technique NV12 { pass { vertex_shader = vertex(v); pixel_shader = nv12(v); } }
technique YUY2 { pass { vertex_shader = vertex(v); pixel_shader = yuy2(v); } }
)";

}  // namespace backdrop::obs
