#include "color_profile.h"

#include <lcms2.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "failure.h"

namespace backdrop::cli {
namespace {

struct CloseProfile {
  void operator()(void* profile) const { cmsCloseProfile(profile); }
};
using Profile = std::unique_ptr<void, CloseProfile>;

struct DeleteTransform {
  void operator()(void* transform) const { cmsDeleteTransform(transform); }
};
using Transform = std::unique_ptr<void, DeleteTransform>;

using Pixel = std::array<std::uint8_t, 4>;

// sRGB's, if there are no bytes.
Profile open(const Bytes& bytes) {
  return Profile(bytes.empty() ? cmsCreate_sRGBProfile()
                               : cmsOpenProfileFromMem(bytes.data(),
                                                       static_cast<cmsUInt32Number>(bytes.size())));
}

// Null if one of the profiles can't be used this way. White becomes white, black becomes black.
Transform to_rgba(const Profile& from, cmsUInt32Number format, const Profile& to) {
  return Transform(cmsCreateTransform(from.get(), format, to.get(), TYPE_RGBA_8,
                                      INTENT_RELATIVE_COLORIMETRIC,
                                      cmsFLAGS_BLACKPOINTCOMPENSATION));
}

// Pixels have 4 bytes before and after. Alpha stays.
void convert(const Transform& transform, std::vector<std::uint8_t>& pixels) {
  cmsDoTransform(transform.get(), pixels.data(), pixels.data(),
                 static_cast<cmsUInt32Number>(pixels.size() / 4));
}

Pixel converted(const Transform& transform, Pixel pixel) {
  cmsDoTransform(transform.get(), pixel.data(), pixel.data(), 1);
  return pixel;
}

// As a number, because a damaged profile may name a space that is no enumerator.
cmsUInt32Number space_of(const Profile& profile) {
  return static_cast<cmsUInt32Number>(cmsGetColorSpace(profile.get()));
}

// How Little CMS reads pixels of this model with a profile for `space`; 0 if it can't.
cmsUInt32Number format_of(ColorModel model, cmsUInt32Number space) {
  constexpr cmsUInt32Number kGreyAndThreeMore =
      COLORSPACE_SH(PT_GRAY) | CHANNELS_SH(1) | EXTRA_SH(3) | BYTES_SH(1);
  if (model == ColorModel::kCmyk) return space == cmsSigCmykData ? TYPE_CMYK_8 : 0;
  if (space == cmsSigRgbData) return TYPE_RGBA_8;
  return model == ColorModel::kGrey && space == cmsSigGrayData ? kGreyAndThreeMore : 0;
}

// A profile that was made for something else, or of zeros, would leave nothing of the picture.
bool is_plausible(const Transform& to_srgb, ColorModel model) {
  const std::uint8_t no_ink = model == ColorModel::kCmyk ? 0 : 255;
  const Pixel white = converted(to_srgb, {no_ink, no_ink, no_ink, no_ink});
  const auto is_light = [](std::uint8_t value) { return value > 200; };
  return std::all_of(white.begin(), white.begin() + 3, is_light);
}

bool has_tones_of_srgb(const Transform& to_srgb) {
  return converted(to_srgb, {128, 128, 128, 255})[1] < 170;
}

void make_opaque(std::vector<std::uint8_t>& rgba) {
  for (std::size_t i = 3; i < rgba.size(); i += 4) rgba[i] = 255;
}

void cmyk_to_rgba(std::vector<std::uint8_t>& pixels) {
  for (std::size_t i = 0; i < pixels.size(); i += 4) {
    const int light = 255 - pixels[i + 3];
    for (std::size_t channel = i; channel < i + 3; ++channel) {
      pixels[channel] = static_cast<std::uint8_t>(((255 - pixels[channel]) * light + 127) / 255);
    }
  }
  make_opaque(pixels);
}

// A profile may have bytes behind its end, but none may be missing.
bool cut_to_its_length(Bytes& profile) {
  constexpr std::size_t kHeader = 128;
  if (profile.size() < kHeader) return false;
  std::size_t length = 0;
  for (std::size_t i = 0; i < 4; ++i) length = length << 8 | profile[i];
  if (length < kHeader || length > profile.size()) return false;
  profile.resize(length);
  return true;
}

std::string apply_profile(DecodedPicture& decoded) {
  if (!cut_to_its_length(decoded.profile)) return "it is cut off";
  const Profile profile = open(decoded.profile);
  if (!profile) return "it is damaged";
  const cmsUInt32Number space = space_of(profile);
  const cmsUInt32Number format = format_of(decoded.model, space);
  if (format == 0) return "it is for another kind of picture";
  const Profile srgb = open({});
  const Transform to_srgb = to_rgba(profile, format, srgb);
  if (!to_srgb) return "it is damaged";
  if (!is_plausible(to_srgb, decoded.model)) return "its white is not white";

  Picture& picture = decoded.picture;
  if (space == cmsSigRgbData && has_tones_of_srgb(to_srgb) && to_rgba(srgb, TYPE_RGBA_8, profile)) {
    picture.profile = std::move(decoded.profile);
    return {};
  }
  convert(to_srgb, picture.rgba);
  if (decoded.model == ColorModel::kCmyk) make_opaque(picture.rgba);
  return {};
}

}  // namespace

std::string settle_colors(DecodedPicture& decoded) {
  std::string flaw = decoded.profile_flaw;
  if (!decoded.profile.empty()) {
    flaw = apply_profile(decoded);
    if (flaw.empty()) return {};
  }
  if (decoded.model == ColorModel::kCmyk) cmyk_to_rgba(decoded.picture.rgba);
  return flaw;
}

void convert_colors(Picture& picture, const Bytes& profile) {
  if (picture.profile == profile) return;
  const Transform transform = to_rgba(open(picture.profile), TYPE_RGBA_8, open(profile));
  if (!transform) throw Failure("its colours can't be converted");
  convert(transform, picture.rgba);
  picture.profile = profile;
}

Bytes make_profile(const Chromaticity& white, const std::array<Chromaticity, 3>& primaries,
                   double gamma) {
  const auto xyy = [](const Chromaticity& place) { return cmsCIExyY{place.x, place.y, 1}; };
  const cmsCIExyY white_point = xyy(white);
  const cmsCIExyYTRIPLE rgb{xyy(primaries[0]), xyy(primaries[1]), xyy(primaries[2])};
  const std::unique_ptr<cmsToneCurve, void (*)(cmsToneCurve*)> curve(cmsBuildGamma(nullptr, gamma),
                                                                     cmsFreeToneCurve);
  const std::array<cmsToneCurve*, 3> curves = {curve.get(), curve.get(), curve.get()};
  const Profile profile(cmsCreateRGBProfile(&white_point, &rgb, curves.data()));
  cmsUInt32Number size = 0;
  if (!profile || !cmsSaveProfileToMem(profile.get(), nullptr, &size)) return {};
  Bytes bytes(size);
  if (!cmsSaveProfileToMem(profile.get(), bytes.data(), &size)) return {};
  return bytes;
}

}  // namespace backdrop::cli
