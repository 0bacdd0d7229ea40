// The reference's examples of rows, in their real key order: 1.3 SOL bought at 77.31 with a stop at 76.53, and its end.

export const WAITING_STOP =
  '{"orderId":"abfe228f-219e-4cb0-bb53-f16947ccf25e","orderLinkId":"","parentOrderLinkId":"pf-7f3a-0001",' +
  '"blockTradeId":"","symbol":"SOLUSDT","price":"0","qty":"1.3","side":"Sell","isLeverage":"","positionIdx":0,' +
  '"orderStatus":"Untriggered","createType":"CreateByStopLoss","cancelType":"UNKNOWN",' +
  '"rejectReason":"EC_NoError","avgPrice":"","leavesQty":"1.3","leavesValue":"0","cumExecQty":"0",' +
  '"cumExecValue":"0","cumExecFee":"0","timeInForce":"IOC","orderType":"Market","stopOrderType":"StopLoss",' +
  '"orderIv":"","marketUnit":"","triggerPrice":"76.530","takeProfit":"","stopLoss":"","tpslMode":"Full",' +
  '"ocoTriggerBy":"","tpLimitPrice":"","slLimitPrice":"","tpTriggerBy":"","slTriggerBy":"","triggerDirection":2,' +
  '"triggerBy":"MarkPrice","lastPriceOnCreated":"77.310","reduceOnly":true,"closeOnTrigger":true,"placeType":"",' +
  '"smpType":"None","smpGroup":0,"smpOrderId":"","createdTime":"1786310821503","updatedTime":"1786310821503",' +
  '"cumFeeDetail":{}}';

export const CLOSED_TRADE =
  '{"symbol":"SOLUSDT","orderId":"abfe228f-219e-4cb0-bb53-f16947ccf25e","side":"Sell","qty":"1.3",' +
  '"orderPrice":"73.440","orderType":"Market","execType":"Trade","closedSize":"1.3","cumEntryValue":"100.503",' +
  '"avgEntryPrice":"77.31","cumExitValue":"99.45","avgExitPrice":"76.5","closedPnl":"-1.16297415",' +
  '"fillCount":"2","leverage":"10","openFee":"0.05527665","closeFee":"0.0546975","createdTime":"1786310885120",' +
  '"updatedTime":"1786310885131"}';

export const FILLED_ENTRY =
  '{"category":"linear","symbol":"SOLUSDT","orderId":"a4c123b1-612d-4272-8137-1c17149d4395",' +
  '"orderLinkId":"pf-7f3a-0001","blockTradeId":"","side":"Buy","positionIdx":0,"orderStatus":"Filled",' +
  '"cancelType":"UNKNOWN","rejectReason":"EC_NoError","timeInForce":"IOC","isLeverage":"","price":"81.17",' +
  '"qty":"1.3","avgPrice":"77.31","leavesQty":"0","leavesValue":"0","cumExecQty":"1.3","cumExecValue":"100.503",' +
  '"cumExecFee":"0.05527665","orderType":"Market","stopOrderType":"","orderIv":"","triggerPrice":"",' +
  '"takeProfit":"","stopLoss":"76.53","triggerBy":"","tpTriggerBy":"","slTriggerBy":"MarkPrice",' +
  '"triggerDirection":0,"placeType":"","lastPriceOnCreated":"77.31","closeOnTrigger":false,"reduceOnly":false,' +
  '"smpGroup":0,"smpType":"None","smpOrderId":"","slLimitPrice":"0","tpLimitPrice":"0","tpslMode":"Full",' +
  '"createType":"CreateByUser","marketUnit":"","createdTime":"1786310821501","updatedTime":"1786310821504",' +
  '"feeCurrency":"","closedPnl":"0","parentOrderLinkId":"","slippageTolerance":"0",' +
  '"slippageToleranceType":"UNKNOWN","cumFeeDetail":{"USDT":"0.05527665"}}';

export const FILL =
  '{"category":"linear","symbol":"SOLUSDT","closedSize":"0","execFee":"0.05527665",' +
  '"execId":"6b3216fd-aeeb-5757-a9fa-e923d5a4fd12","execPrice":"77.31","execQty":"1.3","execType":"Trade",' +
  '"execValue":"100.503","feeRate":"0.00055","tradeIv":"","markIv":"","blockTradeId":"","markPrice":"77.31",' +
  '"indexPrice":"","underlyingPrice":"","leavesQty":"0","orderId":"a4c123b1-612d-4272-8137-1c17149d4395",' +
  '"orderLinkId":"pf-7f3a-0001","orderPrice":"81.17","orderQty":"1.3","orderType":"Market",' +
  '"stopOrderType":"UNKNOWN","side":"Buy","execTime":"1786310821501","isLeverage":"0","isMaker":false,' +
  '"seq":272903628100,"marketUnit":"","execPnl":"0","createType":"CreateByUser","extraFees":"",' +
  '"feeCurrency":"USDT"}';

export const POSITION_TOLD =
  '{"positionIdx":0,"tradeMode":0,"riskId":281,"riskLimitValue":"50000","symbol":"SOLUSDT","side":"Buy",' +
  '"size":"1.3","entryPrice":"77.31","sessionAvgPrice":"","leverage":"10","positionValue":"100.503",' +
  '"positionBalance":"0","markPrice":"77.31","positionIM":"10.10004898","positionMM":"0.55226398",' +
  '"positionIMByMp":"10.10004898","positionMMByMp":"0.55226398","takeProfit":"0","stopLoss":"76.53",' +
  '"trailingStop":"0","unrealisedPnl":"0","cumRealisedPnl":"1.19103855","curRealisedPnl":"-0.05527665",' +
  '"createdTime":"1785826877748","updatedTime":"1786310821504","tpslMode":"Full","liqPrice":"69.92864321",' +
  '"bustPrice":"","category":"linear","positionStatus":"Normal","adlRankIndicator":2,"autoAddMargin":0,' +
  '"leverageSysUpdatedTime":"","mmrSysUpdatedTime":"","seq":272903628100,"breakEvenPrice":"77.39508779",' +
  '"isReduceOnly":false}';

export const WALLET_TOLD =
  '{"accountIMRate":"","accountMMRate":"","accountIMRateByMp":"","accountMMRateByMp":"","totalEquity":"999.99",' +
  '"totalWalletBalance":"999.99","totalMarginBalance":"","totalAvailableBalance":"","totalPerpUPL":"0",' +
  '"totalInitialMargin":"","totalMaintenanceMargin":"","totalInitialMarginByMp":"",' +
  '"totalMaintenanceMarginByMp":"","coin":[{"coin":"USDT","equity":"999.94472335","usdValue":"999.99",' +
  '"walletBalance":"999.94472335","availableToWithdraw":"","availableToBorrow":"","borrowAmount":"0",' +
  '"accruedInterest":"0","totalOrderIM":"0","totalPositionIM":"10.10004898","totalPositionMM":"0.55226398",' +
  '"unrealisedPnl":"0","cumRealisedPnl":"1.20385944","bonus":"0","collateralSwitch":true,"marginCollateral":true,' +
  '"locked":"0","spotHedgingQty":"0","spotBorrow":"0"}],"accountLTV":"0","accountType":"UNIFIED"}';

export const POSITION_ASKED =
  '{"positionIdx":0,"riskId":281,"riskLimitValue":"50000","symbol":"SOLUSDT","side":"Buy","size":"1.3",' +
  '"avgPrice":"77.31","positionValue":"100.503","tradeMode":0,"autoAddMargin":0,"positionStatus":"Normal",' +
  '"leverage":"10","breakEvenPrice":"77.39508779","markPrice":"77.310","liqPrice":"69.92864321","bustPrice":"",' +
  '"positionIM":"10.10004898","positionIMByMp":"10.10004898","positionMM":"0.55226398",' +
  '"positionMMByMp":"0.55226398","positionBalance":"0","takeProfit":"","stopLoss":"76.53","trailingStop":"0",' +
  '"sessionAvgPrice":"","delta":"","gamma":"","vega":"","theta":"","unrealisedPnl":"0",' +
  '"curRealisedPnl":"-0.05527665","cumRealisedPnl":"1.19103855","adlRankIndicator":2,' +
  '"createdTime":"1785826877748","updatedTime":"1786310821504","openTime":1786310821501,"seq":272903628100,' +
  '"isReduceOnly":false,"mmrSysUpdatedTime":"","leverageSysUpdatedTime":"","tpslMode":"Full"}';

export const WALLET_ASKED =
  '{"totalEquity":"1000.12","accountIMRate":"","accountIMRateByMp":"","totalMarginBalance":"",' +
  '"totalInitialMargin":"","totalInitialMarginByMp":"","accountType":"UNIFIED","totalAvailableBalance":"",' +
  '"accountMMRate":"","accountMMRateByMp":"","totalPerpUPL":"0","totalWalletBalance":"1000.12","accountLTV":"0",' +
  '"totalMaintenanceMargin":"","totalMaintenanceMarginByMp":"","coin":[{"availableToBorrow":"","bonus":"0",' +
  '"accruedInterest":"0","availableToWithdraw":"","totalOrderIM":"0","equity":"999.94472335",' +
  '"totalPositionMM":"0.55226398","usdValue":"999.99","spotHedgingQty":"0","unrealisedPnl":"0",' +
  '"collateralSwitch":true,"borrowAmount":"0","totalPositionIM":"10.10004898","walletBalance":"999.94472335",' +
  '"cumRealisedPnl":"1.20385944","locked":"0","marginCollateral":true,"coin":"USDT","spotBorrow":"0",' +
  '"colRes":"0"}]}';
