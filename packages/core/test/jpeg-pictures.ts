/*
 * Vector 5 of SeedSigner, compact, three pixels a module, as libvips writes it at quality 25: files of another encoder than the
 * one that tests have at hand.
 */

/** Progressive, by mozjpeg. */
export const progressiveJpeg = fromBase64(
  [
    "/9j/2wBDACAgICAiICQoKCQyNjA2MkpEPj5ESnBQVlBWUHCqanxqanxqqpa2lIqUtpb/1Ly81P////j/////////////////2wBDASAgICAiICQo",
    "KCQyNjA2MkpEPj5ESnBQVlBWUHCqanxqanxqqpa2lIqUtpb/1Ly81P////j/////////////////wgARCABXAFcDASIAAhEBAxEB/8QAGgABAAMB",
    "AQEAAAAAAAAAAAAAAAMEBQIBBv/EABQBAQAAAAAAAAAAAAAAAAAAAAD/2gAMAwEAAhADEAAAAPoCsWWX4aqvAX0VA1GXeJgMzTySp35wT99RFqp7",
    "wST15zUAq2h8/q4w08nUEnFPguXPnfoiyBQv5RC85NSjeqlrDm0SPTw9k7AzNOEy04zW/CZLZgOrbsAAAAAAA//EADAQAAICAgIAAwUGBwAAAAAA",
    "AAIDAQQABRESEBMVFDRBUXMgISQwUlUiIzFCU2O0/9oACAEBAAE/APzL9+acpiEyyWZ6pc/bHYe3shHJ65kRh3TgKhwiZBscnPwXjtk4WTCaZuD4",
    "MDH3VqqseuRbAfKcjbWpjmNa3PVLn7Y7KFz21Ms6dOD48dp75rPrZsdjcRcatbeAz2l1nTWjcfMwzLVk0Vdb/iNXDYxIXmLg6LgVW/sA8v1k1tY8",
    "EhxGXLb6tPXeSfHKc1N61ZsmDmcxC80PuZ/W8ducBZ1xl/SGZZ9GsuNx2mY52uVrnoQ+Tk5xqab62tB7TCZXEBkarWy80Q93ccZbZc09pjIjmDw2",
    "6uzWqA95xKl5UZp6bJYu0eaH3M/reOwPp5X4H2nIuLk5XGmjvjQpQg2oqJfx8AiMc4HBXWuvEn/z5CDC+5R35XMB97cizTmyFJSUmtkczxloqqpi",
    "EUFP+cBGU21rLzQetWqYDNY9b0Ea0CqO/HEeLIOVnC54PrPWflOLsnR2Tztz3PpxyGayycIKomeHmfIFj2q1ieeJ894TycfE8qVEXkBYsB3aeXqJ",
    "Uii3U4AQjFOYaWupT0MA72ZLJO+oI2PnRy2emayoymglskeZPnx2gUT8n2pxhlRmnpsli7R4DNOFRlaLR9DnDa1CakoiDRAR3OfgGbhy30EsXPIS",
    "7L98KgTETHncRIjiX36rO8JDm5PMZ5F2/wDyrqoWuPv5D7G2iJta2Pm3LdynVeafTkzxjTrWdW94VFqmDwXpRrUyyQ92jgJxl1Ea1DpphISfELyg",
    "yZeFa5V7mfPBtxlPyU3GSffgClX+rNMdw3zLSdK5XlR7Hrk2IJUwXHE+O0981n1svamzZtMcBrxlRlPT2lsmOZPNp7nrPo4ijft0lRDl+Tm4cxF9",
    "LFzwcJytuOQcF3uyDzXQc/xqninMT0XlS2u4uWLgoiC4+/xuUE3eneTjpnoNP9bs9Bp/rdh0En7JzJ/h+OmWdTWsuNxmzmcDWICoytBH0MucVpaq",
    "mAyDbyE4FRYW2WYku5jx+d//xAAUEQEAAAAAAAAAAAAAAAAAAABQ/9oACAECAQE/ABP/xAAUEQEAAAAAAAAAAAAAAAAAAABQ/9oACAEDAQE/ABP/",
    "2Q==",
  ].join(""),
);

/** Baseline, with a quarter of the colours' samples. */
export const baselineJpeg = fromBase64(
  [
    "/9j/2wBDACAWGBwYFCAcGhwkIiAmMFA0MCwsMGJGSjpQdGZ6eHJmcG6AkLicgIiuim5woNqirr7EztDOfJri8uDI8LjKzsb/2wBDASIkJDAqMF40",
    "NF7GhHCExsbGxsbGxsbGxsbGxsbGxsbGxsbGxsbGxsbGxsbGxsbGxsbGxsbGxsbGxsbGxsbGxsb/wAARCABXAFcDASIAAhEBAxEB/8QAGgABAAMB",
    "AQEAAAAAAAAAAAAAAAMEBQIBBv/EADwQAAEDAwIEAgUICgMAAAAAAAECAwQABRESITFBUWETIgYUccHRFTI1QmJzgZEWIyQzU1WSobHSJVKi/8QA",
    "FAEBAAAAAAAAAAAAAAAAAAAAAP/EABQRAQAAAAAAAAAAAAAAAAAAAAD/2gAMAwEAAhEDEQA/APoKUqhc7iYCmUpYLynSQAFYORjsc8aC/Ssf5Ymf",
    "yl/+/wDrXLl7ktIK3LW6hI4qUSAP/NBtUqi5cFobiOCOpSHwFLUDs0Ntycd+3CoX7s8h5SY8FyS0PmutklKvZgH2UGpSqkqe2zBclNFD6UEDCVjG",
    "cgcfxqim9SlpCk2p5SSMggnBH9NBs0rH+WJn8pf/AL/61ctk75Qjqd8Pw8LKcas8gffQXKUpQKx719I2v733prYrFvy0tTbc4s4ShwqJ6AFNBVu1",
    "0mxrk60y9pQnGBpB5A9K6Mp6X6NynJC9ag4Eg4A2ynpSWbLLkrfcmOhS8ZCUnGwx/wBa4kP25mzvxYkhbilqCgFJOc5HYdKCabLXGgW1GT4DjQDq",
    "QBlScJyPyJrthuc6yldrebYhn9224MqHXOx555109HhyYdtbluuNqU2EthH1iQnse1Rps1tXKXGTIfLyBqUnI2G3PT3FBYukVmJY5DcdGhJKVEZJ",
    "31DrVWfOkQ7dbvV3NGtrzeUHOAnr7a9dmuT/AEdlOupQlQWE+UHGMp+NcOPWqXDiNyZLiFMthOEJPHAzyPSgksVxly5q25DutIbKgNIG+R0FTejH",
    "0c596f8AAqCA7Z4DxdaluKUU6fMk4xkfZ7VP6MfRzn3p/wACg2KUpQKz7q74fhf8d65nP1c6OHY8fdWhXDwcLLgaUEuFJ0k8AcbUHz4ntl0tCxIL",
    "iRkoCRkD2aa0nkQhEW/Ghx5RSQNLaEnJyOgPXNZLMtdtvL655LrhQEktgbnykdOQpZ5axFVBjEolOLKkLIGkDAzn8AeVBoyH0Ptx2mYqVLUNJKNz",
    "FJwOm2Pw+bWWIy27u8y5clNKSgEvqOCrYbcffyrSkutWeOSUq9bkoJUtG4KwOO/c9KQIMe4w25cxvxH3M6laiM4JA2G3ACgkEuGZrdvYYYcZdGpR",
    "QQU5GeIA7CuJq4rCgmNbWZaskLDaQSg98A9/yqrcrcq3LE6AUNIaSMgkqOScc89RXDL7jsd2RbleC6hGuUpYz4hwTkcftdONBat70aXLXHctTTCk",
    "I1HUkZ5csDrVuzyW5UVS2o6I6QsjSnGCcDfgKwS5PZaF1D6NT58PIAz+WMfVres8JyBFU06pClFZV5ScYwPhQX6UpQKy703Bc8H155xrGrRoHHhn",
    "ke1alY18SFz7alQCkl0ggjYjKaCGA7Z4DxdaluKUU6fMk4xkfZ7UQ7Z0QHIYlueG4rUSUnOdvs9q8nzocOY5H+TGF6MebAGcgHp3rl9caXYpEhuG",
    "0wpCwkaQM8U88DrQaTjrsaPEMRKXIiUAuLXxSgAb8uWeVU7++3JtDLrKtSFOjBxjkoVcRJZj2ZkvFs5jghC1Aa8J4VWensJszEgwW1NrWQGTjCT5",
    "t+HbpzoLN1uaILSkpUkyMBSUKSSCM4+NYzEm4QnvFSw3qnqCk6jkE55b7fO51Na3SqUiJcIhddcJIcfGVBOOG44bH86vvQfV48x1bni4QpTIKf3O",
    "ASNPTlwxwFBH6vNuX6m5MpZZT5wppQyVcMcTyJrYr5/0ecmOylLfW+tktnSpZJSTkcM/jWvAkuSmSt2OuOoKxpVnJGBvwFBZpSlArHvX0ja/vfem",
    "tiqdwtrNw8PxlOJ8PONBA447dqDNudkky57j7a2gleMBROdgB0rx2E5A9HZTTqkKUVhXlJxjKfhU/wCjcP8AiP8A9Q+FP0bh/wAR/wDqHwoM+9fR",
    "1r+69yaRrfPnWxpKXmhHyVJQrYg5I6e2txy2sueqZU5+y40YI3xjjt2qGXZI0uSt9xboUvGQkjGwx0oM2/vuRruy6yrStLQwcZ5qFcw75lt5u4lx",
    "5KxpAQkDbfPTtWui0sIgOQwtzw3FaiSRnO3btULNgisvNupceKkKChlQxkH2UHVpDiv1jCgm3qSfCaPzknO+fx1c+dWoE1ueyXWkrSkK0+YDOcD4",
    "0RCbRPcmBS/EcTpIJGMbfCrNApSlApSlApSlApSlApSlApSlApSlB//Z",
  ].join(""),
);

/** What both hold. */
export const heldByJpegs = Uint8Array.from(Buffer.from("6462686427203385c2337dd84c5089fd", "hex"));

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, "base64"));
}
