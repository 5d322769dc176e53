import { parseInstant } from "../../../src/lib/parse-instant.js";

const read = (text: string) => parseInstant(text)?.toISOString();

describe("parseInstant", () => {
  it.each([
    ["UTC", "2030-07-29T23:59:59Z", "2030-07-29T23:59:59.000Z"],
    ["an offset behind UTC", "2018-07-29T11:59:29-05:00", "2018-07-29T16:59:29.000Z"],
    ["an offset ahead of UTC", "2030-07-29T23:59:59+05:30", "2030-07-29T18:29:59.000Z"],
    ["an offset without a colon", "2030-07-29T23:59:59+0530", "2030-07-29T18:29:59.000Z"],
    ["an offset of hours alone", "2030-07-29T23:59:59-05", "2030-07-30T04:59:59.000Z"],
    ["an offset of nothing", "2030-07-29T23:59:59+00:00", "2030-07-29T23:59:59.000Z"],
    ["an unknown offset", "2030-07-29T23:59:59-00:00", "2030-07-29T23:59:59.000Z"],
    ["the largest offsets", "2030-07-29T12:00:00+23:59", "2030-07-28T12:01:00.000Z"],
    ["lower case", "2030-07-29t23:59:59z", "2030-07-29T23:59:59.000Z"],
    ["a space between", "2030-07-29 23:59:59Z", "2030-07-29T23:59:59.000Z"],
    ["no seconds", "2030-07-29T23:59Z", "2030-07-29T23:59:00.000Z"],
    ["no seconds and an offset", "2030-07-29T23:59-05:00", "2030-07-30T04:59:00.000Z"],
    ["tenths of a second", "2030-07-29T23:59:59.5Z", "2030-07-29T23:59:59.500Z"],
    ["milliseconds", "2030-07-29T23:59:59.007Z", "2030-07-29T23:59:59.007Z"],
    ["milliseconds after a comma", "2030-07-29T23:59:59,007Z", "2030-07-29T23:59:59.007Z"],
    ["microseconds, cut off", "2030-07-29T23:59:59.999999-05:00", "2030-07-30T04:59:59.999Z"],
    ["nanoseconds, cut off", "2030-07-29T23:59:59.000999999Z", "2030-07-29T23:59:59.000Z"],
    ["a leap day", "2028-02-29T00:00:00Z", "2028-02-29T00:00:00.000Z"],
    ["a leap day of a century", "2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000Z"],
    ["an offset across a year", "2029-12-31T20:00:00-05:00", "2030-01-01T01:00:00.000Z"],
    ["an offset across a leap day", "2028-03-01T00:30:00+01:00", "2028-02-29T23:30:00.000Z"],
    ["the first century, which is no year 19xx", "0099-01-01T00:00:00Z", "0099-01-01T00:00:00.000Z"],
    ["the year 0", "0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z"],
    ["the last year", "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"],
  ])("reads %s", (_what, text, instant) => {
    expect(read(text)).toBe(instant);
  });

  it("reads every millisecond as it is written", () => {
    const texts = Array.from(
      { length: 1_000 },
      (_, i) => `2030-07-29T23:59:59.${String(i).padStart(3, "0")}Z`,
    );
    expect(texts.map(read)).toEqual(texts);
  });

  it.each([
    ["nothing", ""],
    ["a date", "2030-07-29"],
    ["no offset", "2030-07-29T23:59:59"],
    ["an hour alone", "2030-07-29T23Z"],
    ["a day that no month has", "2030-07-32T00:00:00Z"],
    ["the 31st of a month of 30 days", "2030-04-31T00:00:00Z"],
    ["the 30th of February", "2028-02-30T00:00:00Z"],
    ["a leap day in another year", "2030-02-29T00:00:00Z"],
    ["a leap day of a century that has none", "1900-02-29T00:00:00Z"],
    ["the day 0", "2030-07-00T00:00:00Z"],
    ["the month 0", "2030-00-29T00:00:00Z"],
    ["the month 13", "2030-13-29T00:00:00Z"],
    ["the hour 24", "2030-07-29T24:00:00Z"],
    ["the minute 60", "2030-07-29T23:60:00Z"],
    ["a leap second", "2030-06-30T23:59:60Z"],
    ["an offset of 24 hours", "2030-07-29T23:59:59+24:00"],
    ["an offset of 60 minutes", "2030-07-29T23:59:59+05:60"],
    ["an offset of one digit", "2030-07-29T23:59:59+5"],
    ["an offset of three digits", "2030-07-29T23:59:59+053"],
    ["an offset that ends in a colon", "2030-07-29T23:59:59+05:"],
    ["a typographic minus", "2030-07-29T23:59:59\u221205:00"],
    ["an offset by name", "2030-07-29T23:59:59 GMT"],
    ["a zone in brackets", "2030-07-29T23:59:59+02:00[Europe/Berlin]"],
    ["two offsets", "2030-07-29T23:59:59Z+01:00"],
    ["the basic format", "20300729T235959Z"],
    ["a week date", "2030-W31-1T00:00:00Z"],
    ["an ordinal date", "2030-211T00:00:00Z"],
    ["a year of five digits", "12030-07-29T00:00:00Z"],
    ["a year with a sign", "+002030-07-29T00:00:00Z"],
    ["a year of two digits", "30-07-29T00:00:00Z"],
    ["a point without digits", "2030-07-29T23:59:59.Z"],
    ["ten digits of a second", "2030-07-29T23:59:59.0123456789Z"],
    ["a fraction of a minute", "2030-07-29T23:59.5Z"],
    ["a space before", " 2030-07-29T23:59:59Z"],
    ["a space behind", "2030-07-29T23:59:59Z "],
    ["a line break behind", "2030-07-29T23:59:59Z\n"],
    ["two spaces between", "2030-07-29  23:59:59Z"],
    ["an underscore between", "2030-07-29_23:59:59Z"],
    ["digits of another script", "٢٠٣٠-07-29T23:59:59Z"],
    ["full-width digits", "２０３０-07-29T23:59:59Z"],
    ["seconds since 1970", "1911558000"],
    ["an HTTP date", "Mon, 29 Jul 2030 23:59:59 GMT"],
    ["a word", "tomorrow"],
    ["a long text", `2030-07-29T23:59:59.${"9".repeat(100_000)}Z`],
  ])("takes %s for none", (_what, text) => {
    expect(parseInstant(text)).toBeNull();
  });
});
